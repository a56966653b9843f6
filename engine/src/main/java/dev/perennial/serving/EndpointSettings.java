package dev.perennial.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How an endpoint answers, beside its variants.
 *
 * @param mode how MLflow's scoring protocol reads values
 * @param fallback what answers when the champion itself fails; null: the call fails
 */
public record EndpointSettings(
        Mode mode, LogPolicy log, Limits limits, @Nullable Fallback fallback) {
    /** What an endpoint has when nobody said anything. */
    public static final EndpointSettings DEFAULT =
            new EndpointSettings(Mode.strict, LogPolicy.DEFAULT, Limits.DEFAULT, null);

    /** The members that a text of settings may have. */
    static final List<String> MEMBERS = List.of("mode", "log", "limits", "fallback");

    /** How MLflow's scoring protocol turns values into those of the model's signature. */
    public enum Mode {
        /** Refuses what would lose its value. */
        strict,
        /** Does what MLflow's own server does, with its losses. */
        mlflow
    }

    /**
     * What the prediction log keeps.
     *
     * @param inputs of which columns the values are kept
     * @param share of the predictions that are kept, more than 0 and at most 1
     * @param redact columns whose values are never kept
     */
    public record LogPolicy(Inputs inputs, double share, List<String> redact) {
        static final LogPolicy DEFAULT = new LogPolicy(Inputs.all, 1, List.of());
        private static final int COLUMNS_MAX = 10_000;

        /** Which parts of a prediction are kept. */
        public enum Inputs {
            /** Inputs and outputs. */
            all,
            /** Outputs without inputs. */
            outputs,
            /** Nothing but counts. */
            none
        }

        public LogPolicy {
            if (!(share > 0 && share <= 1)) {
                throw PerennialException.invalid(
                        "log.share", "'log.share' is " + share + "; it must be more than 0 and at most 1");
            }
            redact = List.copyOf(redact);
            if (redact.size() > COLUMNS_MAX) {
                throw PerennialException.invalid(
                        "log.redact", "'log.redact' names " + redact.size() + " columns; at most " + COLUMNS_MAX);
            }
        }
    }

    /**
     * Bounds of an endpoint on each scorer; null means the scorer's own.
     *
     * @param concurrency calls that run at once
     * @param queueRows rows that wait
     * @param queueBytes bytes that wait
     * @param deadlineMillis for callers who name no deadline
     */
    public record Limits(
            @Nullable Integer concurrency,
            @Nullable Integer queueRows,
            @Nullable Long queueBytes,
            @Nullable Long deadlineMillis) {
        static final Limits DEFAULT = new Limits(null, null, null, null);

        public Limits {
            positive("concurrency", concurrency);
            positive("queueRows", queueRows);
            positive("queueBytes", queueBytes);
            positive("deadlineMillis", deadlineMillis);
        }

        private static void positive(String name, @Nullable Number value) {
            if (value != null && value.longValue() < 1) {
                throw PerennialException.invalid(
                        "limits." + name, "'limits." + name + "' is " + value + "; it must be 1 or more");
            }
        }
    }

    /**
     * What answers in the champion's place; one of the three.
     *
     * @param version a variant of the endpoint that is loaded
     * @param constant the score of every row
     * @param outputs by the name of each output of a model of tensors, what it holds for every row: a value, or lists of values
     */
    public record Fallback(
            @Nullable VersionRef version,
            @Nullable List<Double> constant,
            @Nullable Map<String, JsonNode> outputs) {
        private static final int VALUES_MAX = 10_000;

        public Fallback {
            long given = Stream.of(version, constant, outputs)
                    .filter(Objects::nonNull)
                    .count();
            if (given != 1) {
                throw refused("needs one of 'version', 'constant' and 'outputs'");
            }
            if (outputs != null) {
                outputs = checked(outputs);
            }
            if (constant != null) {
                constant = List.copyOf(constant);
                if (constant.size() != 1 || !Double.isFinite(constant.getFirst())) {
                    throw refused("has the constant " + constant + "; a list of one number is needed");
                }
            }
        }

        /** Another version, or a constant score. */
        public Fallback(@Nullable VersionRef version, @Nullable List<Double> constant) {
            this(version, constant, null);
        }

        private static Map<String, JsonNode> checked(Map<String, JsonNode> outputs) {
            if (outputs.isEmpty()) {
                throw refused("has 'outputs' without any");
            }
            outputs.forEach((name, value) -> {
                if (values(name, value) > VALUES_MAX) {
                    throw refused("has more than " + VALUES_MAX + " values for '" + name + "'");
                }
            });
            return Collections.unmodifiableMap(new TreeMap<>(outputs));
        }

        private static long values(String name, @Nullable JsonNode value) {
            if (value != null && value.isArray() && !value.isEmpty()) {
                long sum = 0;
                for (JsonNode part : value) {
                    sum += values(name, part);
                }
                return sum;
            }
            if (value == null || !(value.isNumber() || value.isTextual() || value.isBoolean())) {
                throw refused("has " + value + " for '" + name
                        + "'; a number, a text, true, false or a list of them is needed");
            }
            return 1;
        }

        private static PerennialException refused(String why) {
            return PerennialException.invalid("fallback", "'fallback' " + why);
        }
    }

    /** These settings with the members that a request names; null sets a member back. Unknown members of them are refused by name. */
    public EndpointSettings with(JsonNode body) {
        ObjectNode merged = Json.tree(this).deepCopy();
        ObjectNode byDefault = Json.tree(DEFAULT).deepCopy();
        for (String member : MEMBERS) {
            JsonNode given = body.path(member);
            if (!given.isMissingNode()) {
                merged.set(member, part(member, given, byDefault.path(member)));
            }
        }
        return Json.convert(merged, EndpointSettings.class);
    }

    private static JsonNode part(String member, JsonNode given, JsonNode byDefault) {
        if (given.isNull()) {
            return byDefault;
        }
        if (member.equals("mode")) {
            return given;
        }
        if (!given.isObject()) {
            throw PerennialException.invalid(member, "'" + member + "' must be an object, got " + given);
        }
        if (member.equals("fallback")) {
            return given;
        }
        ObjectNode whole = byDefault.deepCopy();
        given.properties().forEach(each -> whole.set(each.getKey(), each.getValue()));
        return whole;
    }
}
