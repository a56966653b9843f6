package dev.perennial.lifecycle.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The schema that editors use says the same as the parser. */
class LifecycleSchemaTest {
    private final JsonNode schema = read();
    private final JsonSchema validator =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema);

    private static JsonNode read() {
        try (InputStream in = LifecycleSchemaTest.class.getResourceAsStream("/lifecycle.schema.json")) {
            return Json.parse(in.readAllBytes());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Set<String> problems(String yaml) {
        Object tree = new Load(LoadSettings.builder().build()).loadFromString(yaml);
        Set<String> messages = new TreeSet<>();
        validator.validate(Json.tree(tree)).forEach(message -> messages.add(message.toString()));
        return messages;
    }

    @Test
    void theExampleIsValid() {
        assertThat(problems(ExampleFile.text())).isEmpty();
    }

    @Test
    void theCanonicalTextIsValid() {
        assertThat(problems(LifecycleText.render(ExampleFile.parsed()))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Keys.class)
    void everyPartHasTheKeysOfTheParser(Keys keys) {
        JsonNode part = keys == Keys.ROOT
                ? schema
                : schema.path("$defs").path(keys.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        List<String> properties = new ArrayList<>();
        part.path("properties").fieldNames().forEachRemaining(properties::add);
        assertThat(properties).containsExactlyElementsOf(keys.names());
        assertThat(part.path("additionalProperties").asBoolean(true)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(Keys.class)
    void everyExampleLineOfAnAdviceNamesItsKey(Keys keys) {
        assertThat(keys.names())
                .allSatisfy(name -> assertThat(keys.example(name)).startsWith(name + ": "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "owner: flight-operations|onwer: flight-operations",
                "ahead: 2h|ahead: two hours",
                "label-coverage: 0.8|label-coverage: 80",
                "metric: roc_auc, at-least|metric: auc, at-least",
                ", margin: 0.03|",
                "share: 0.50|share: 1.5",
                "monday 06:00|monday",
                "on-breach: quarantine|on-breach: drop",
                "holdout: 14d|holdout: 36h",
                "mean: dep_delay_min|mean: dep_delay_min, share: late"
            })
    void mistakesAreSeenByEditorsToo(String mistake) {
        int bar = mistake.indexOf('|');
        String text = ExampleFile.text().replace(mistake.substring(0, bar), mistake.substring(bar + 1));
        assertThat(problems(text)).isNotEmpty();
        assertThat(LifecycleParser.parse(text, ExampleFile.folder()).problems()).hasSize(1);
    }

    @Test
    void everyPartIsUsed() {
        String text = schema.toString();
        assertThat(Map.copyOf(Json.mapper().convertValue(schema.path("$defs"), Map.class))
                        .keySet())
                .allSatisfy(name -> assertThat(text).contains("#/$defs/" + name + "\""));
    }
}
