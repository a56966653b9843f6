package dev.perennial.scoring.schema;

import java.util.Map;
import java.util.stream.Collectors;

/** The type of a column or of a part of one. Immutable. */
public sealed interface FieldType {
    /** The type in MLflow's words, for messages. */
    String word();

    record Scalar(ScalarType type) implements FieldType {
        @Override
        public String word() {
            return type.word();
        }
    }

    record ArrayOf(FieldType items) implements FieldType {
        @Override
        public String word() {
            return "array of " + items.word();
        }
    }

    /** @param properties by name; no others may be sent */
    record ObjectOf(Map<String, Property> properties) implements FieldType {
        public ObjectOf {
            properties = Map.copyOf(properties);
        }

        @Override
        public String word() {
            return properties.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .map(each -> each.getKey() + ": " + each.getValue().type().word())
                    .collect(Collectors.joining(", ", "object {", "}"));
        }
    }

    record MapOf(FieldType values) implements FieldType {
        @Override
        public String word() {
            return "map of " + values.word();
        }
    }

    /** Whatever JSON can say. */
    record Anything() implements FieldType {
        @Override
        public String word() {
            return "any";
        }
    }

    record Property(FieldType type, boolean required) {}
}
