package dev.perennial.scorer.http.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scorer.Metrics;
import org.junit.jupiter.api.Test;

class NameTallyTest {
    private final Metrics metrics = new Metrics();
    private final NameTally tally = new NameTally(metrics, "dropped", "a test counts");

    @Test
    void namesBeyondTheLimitCountTogether() {
        for (int i = 0; i < NameTally.NAMES_MAX + 50; i++) {
            tally.add("e", "n" + i, 2);
        }
        tally.add("e", "n0", 1);
        assertThat(metrics.text().lines().filter(line -> line.startsWith("dropped{")))
                .hasSize(NameTally.NAMES_MAX + 1);
        assertThat(metrics.text())
                .contains("dropped{endpoint=\"e\",column=\"n0\"} 3\n")
                .contains("dropped{endpoint=\"e\",column=\"n99\"} 2\n")
                .contains("dropped{endpoint=\"e\",column=\"(other)\"} 100\n");
    }

    @Test
    void oneEndpointDoesNotUseUpTheNamesOfAnother() {
        for (int i = 0; i < NameTally.NAMES_MAX; i++) {
            tally.add("e", "n" + i, 1);
        }
        tally.add("f", "new", 1);
        assertThat(metrics.text()).contains("dropped{endpoint=\"f\",column=\"new\"} 1\n");
    }

    @Test
    void longNamesAndControlCharactersDoNotReachTheMetrics() {
        tally.add("e", "x".repeat(101), 1);
        tally.add("e", "a\nb\"c", 1);
        assertThat(metrics.text())
                .contains("column=\"(other)\"} 1\n")
                .contains("column=\"a?b\\\"c\"} 1\n")
                .doesNotContain("xxx");
    }
}
