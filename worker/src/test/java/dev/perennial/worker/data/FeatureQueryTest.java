package dev.perennial.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureQueryTest {
    private static final double FLOAT_TOLERANCE = 2e-5;

    @TempDir
    Path temporary;

    @Test
    void everyCellOfTheExpectedFeaturesIsMet() throws IOException {
        List<String> lines = Files.readAllLines(FlightDelay.DATA.resolve("expected_features.csv"));
        List<String> header = List.of(lines.getFirst().split(","));
        var lifecycle = FlightDelay.file();
        Map<String, List<String>> actual = new HashMap<>();
        try (DuckDb db = DuckDb.open(DuckDb.Settings.in(temporary), SourceTable.realFiles(lifecycle), List.of())) {
            FeatureQuery query = new FeatureQuery(db, lifecycle);
            assertThat(query.run(FeatureQuery.Rows.all())).isEqualTo(336_776);
            String names = String.join(
                    ", ",
                    lifecycle.featureNames().stream()
                            .map(name -> Sql.name("f:" + name))
                            .toList());
            db.list(
                    "SELECT \"k:flight_id\", " + names + " FROM features WHERE crc32(\"k:flight_id\") % 1600 = 0",
                    row -> {
                        List<String> values = new ArrayList<>();
                        for (int i = 0; i < lifecycle.featureNames().size(); i++) {
                            String value = row.getString(i + 2);
                            values.add(value == null ? "" : value);
                        }
                        return actual.put(row.getString(1), values);
                    });
        }
        int cells = 0;
        for (String line : lines.subList(1, lines.size())) {
            String[] expected = line.split(",", -1);
            List<String> values = actual.get(expected[0]);
            assertThat(values).as(expected[0]).isNotNull();
            for (int i = 1; i < header.size() - 1; i++) {
                String value = values.get(lifecycle.featureNames().indexOf(header.get(i)));
                if (i <= 3 || expected[i].isEmpty()) {
                    assertThat(value).as("%s of %s", header.get(i), expected[0]).isEqualTo(expected[i]);
                } else {
                    assertThat(value).as("%s of %s", header.get(i), expected[0]).isNotEmpty();
                    double number = Double.parseDouble(expected[i]);
                    assertThat(Double.parseDouble(value))
                            .as("%s of %s", header.get(i), expected[0])
                            .isCloseTo(number, within(FLOAT_TOLERANCE * Math.max(1, Math.abs(number))));
                }
                cells++;
            }
        }
        assertThat(cells).isEqualTo(174 * 21);
    }
}
