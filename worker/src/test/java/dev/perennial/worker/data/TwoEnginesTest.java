package dev.perennial.worker.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.features.Arrival;
import dev.perennial.features.FeatureEngine;
import dev.perennial.lifecycle.file.LifecycleFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoEnginesTest {
    @TempDir
    Path temporary;

    @Test
    void bothEnginesAgreeInEveryCellOfTheYear() {
        LifecycleFile file = FlightDelay.file();
        Map<String, Object[]> sql = FeatureRows.bySql(file, temporary, FeatureQuery.Rows.all());
        assertThat(sql).hasSize(336_776);
        List<String> differences = new ArrayList<>();
        FeatureEngine engine = new FeatureEngine(file);
        long cells = 0;
        try (SourceFeeder feeder =
                SourceFeeder.open(DuckDb.Settings.in(temporary), file, List.of(), 0, 2_000_000_000_000L, true)) {
            while (feeder.hasNext()) {
                Arrival arrival = feeder.next();
                if (!(arrival instanceof Arrival.PredictionDue due)) {
                    engine.arrive(arrival);
                    continue;
                }
                Object[] actual = engine.featuresAt(due.row(), due.time());
                Object[] expected = sql.remove(due.id());
                for (int i = 0; i < actual.length; i++) {
                    cells++;
                    if (!same(expected[i], actual[i]) && differences.size() < 20) {
                        differences.add(due.id() + " " + engine.names().get(i) + ": SQL " + expected[i] + ", operators "
                                + actual[i]);
                    }
                }
            }
        }
        assertThat(differences).isEmpty();
        assertThat(cells).isEqualTo(336_776L * 21);
        assertThat(sql).isEmpty();
    }

    static void assertSame(String row, Object[] expected, Object[] actual) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(same(expected[i], actual[i]))
                    .as("feature %d of %s: expected %s, actual %s", i, row, expected[i], actual[i])
                    .isTrue();
        }
    }

    private static boolean same(@Nullable Object a, @Nullable Object b) {
        if (a instanceof Double left && b instanceof Double right) {
            return Math.abs(left - right) <= 1e-6 * Math.max(1, Math.abs(left));
        }
        return Objects.equals(a, b);
    }
}
