package dev.perennial.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.data.Profile;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.ExampleFile;
import dev.perennial.monitoring.atoms.Reference;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KnownValuesTest {
    private static final String RULE = "flights.carrier:         {type: string, required: true, known-values: true}";

    @Test
    void theValuesOfTheReferenceAreKnownUnderTheNameOfTheSourceColumn() {
        Reference reference = reference(Map.of("carrier", category(Map.of("UA", 3L, "AA", 5L), 0)));
        assertThat(KnownValues.of(ExampleFile.parsed(), reference))
                .isEqualTo(Json.parse("{\"flights.carrier\": [\"AA\", \"UA\"]}"));
    }

    @Test
    void columnsWithoutTheRuleAreNotAsked() {
        Reference reference = reference(Map.of("origin", category(Map.of("JFK", 3L), 0)));
        assertThat(KnownValues.of(ExampleFile.parsed(), reference)).isEmpty();
    }

    @Test
    void aReferenceThatCouldNotKeepAllValuesKnowsNone() {
        Reference reference = reference(Map.of("carrier", category(Map.of("UA", 3L), 1)));
        assertThat(KnownValues.of(ExampleFile.parsed(), reference)).isEmpty();
    }

    @Test
    void aNewValueSetsNoRowAside() {
        Reference reference = reference(Map.of("carrier", category(Map.of("UA", 3L), 0)));
        String text = ExampleFile.text().replace(RULE, RULE.replace("true}", "true, on-breach: quarantine}"));
        assertThat(text).contains("on-breach: quarantine}\n  flights.origin");
        assertThat(KnownValues.of(ExampleFile.parsed(text), reference)).isEmpty();
    }

    @Test
    void aValueThatAFeatureLooksUpElsewhereHasTheNameOfItsSource() {
        String text = ExampleFile.text().replace(RULE, RULE + "\n  weather.humidity_pct: {known-values: true}");
        Reference reference = reference(Map.of("humidity_pct", category(Map.of("N", 3L), 0)));
        assertThat(KnownValues.of(ExampleFile.parsed(text), reference))
                .isEqualTo(Json.parse("{\"weather.humidity_pct\": [\"N\"]}"));
    }

    private static Reference reference(Map<String, Profile.Column> columns) {
        return new Reference("snapshot", new Profile(columns), 90, 90);
    }

    private static Profile.Column category(Map<String, Long> values, long others) {
        return new Profile.Column(
                Profile.Column.CATEGORY, 8, 0, null, null, null, null, values.size(), null, null, values, others);
    }
}
