package dev.perennial.monitoring.atoms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.perennial.data.Profile;
import dev.perennial.kernel.Json;
import dev.perennial.statistics.Bins;
import dev.perennial.statistics.DriftStatus;
import dev.perennial.statistics.NumericState;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DriftMonitorTest {
    private static final DriftMonitor.Settings SETTINGS = DriftMonitor.Settings.of(0.1, 365);
    private final Random random = new Random(20);

    static Profile.Column number(double... values) {
        double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
        Bins bins = Bins.anchored(finite);
        NumericState state = NumericState.of(bins, values);
        return new Profile.Column(
                Profile.Column.NUMBER,
                values.length,
                values.length - finite.length,
                state.moments().mean(),
                state.moments().m2(),
                state.moments().min(),
                state.moments().max(),
                DoubleStream.of(finite).distinct().count(),
                DoubleStream.of(bins.edges()).boxed().toList(),
                LongStream.of(state.counts()).boxed().toList(),
                null,
                0);
    }

    static Profile.Column category(Map<String, Long> values) {
        long rows = values.values().stream().mapToLong(Long::longValue).sum();
        return new Profile.Column(
                Profile.Column.CATEGORY, rows, 0, null, null, null, null, values.size(), null, null, values, 0);
    }

    /** Temperatures of 90 days: rows of a day share the day's mean; 32-bit values as snapshots hold them. */
    private double[] temperatures(int days, double mean) {
        double[] values = new double[days * 230];
        for (int d = 0; d < days; d++) {
            double shared = mean + 6 * random.nextGaussian();
            for (int i = 0; i < 230; i++) {
                values[d * 230 + i] = (float) (Math.rint((shared + 3 * random.nextGaussian()) * 100) / 100);
            }
        }
        return values;
    }

    private Reference reference() {
        double[] rain = random.doubles(90 * 230)
                .map(u -> u < 0.93 ? 0 : (float) (Math.ceil(u * 1e4) % 97 / 100))
                .toArray();
        return new Reference(
                "abc",
                new Profile(Map.of(
                        "temp_f", number(temperatures(90, 38)),
                        "precip_in", number(rain),
                        "weekday",
                                number(random.ints(90 * 230, 1, 8)
                                        .asDoubleStream()
                                        .toArray()),
                        "empty", number(random.doubles(20_000).toArray()),
                        "carrier", category(Map.of("UA", 9000L, "B6", 8000L, "AA", 3000L, "OO", 3L)))),
                90,
                90);
    }

    private List<ColumnAtom> window(Reference reference, int days, double mean, double dryShare) {
        List<ColumnAtom> atoms = new ArrayList<>();
        for (int d = 0; d < days; d++) {
            AtomCollector collector = new AtomCollector("m/1", reference, ServedRules.NONE);
            String day = LocalDate.of(2013, 5, 1).plusDays(d).toString();
            double[] temperatures = temperatures(1, mean);
            for (int i = 0; i < 230; i++) {
                collector.add(day, "temp_f", temperatures[i]);
                double u = random.nextDouble();
                collector.add(day, "precip_in", u < dryShare ? 0 : Math.ceil(u * 1e4) % 97 / 100);
                collector.add(day, "weekday", 1 + (double) random.nextInt(7));
                collector.add(day, "empty", Double.NaN);
                collector.add(day, "carrier", i < 103 ? "UA" : i < 195 ? "B6" : i == 229 ? "ZZ" : "AA");
                collector.add(day, "novel", 1.0);
            }
            atoms.addAll(collector.atoms());
        }
        return atoms;
    }

    private static DriftMonitor.ColumnVerdict column(DriftMonitor.Verdict verdict, String name) {
        return verdict.columns().stream()
                .filter(c -> c.column().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void sameSeasonIsOkAndSummerIsDriftOutsideTheReferencesSeason() {
        Reference reference = reference();
        DriftMonitor.Verdict same = DriftMonitor.judge(reference, window(reference, 28, 38, 0.93), SETTINGS);
        assertThat(same.drifted()).isEmpty();
        DriftMonitor.Verdict may = DriftMonitor.judge(reference, window(reference, 28, 60, 0.93), SETTINGS);
        DriftMonitor.ColumnVerdict temperature = column(may, "temp_f");
        assertThat(temperature.status()).isEqualTo(DriftStatus.DRIFT);
        assertThat(temperature.seasonUncovered()).isTrue();
        assertThat(temperature.deff()).isGreaterThan(50);
        assertThat(temperature.days()).isEqualTo(28);
        assertThat(temperature.shift()).isGreaterThan(2);
        assertThat(temperature.reason()).contains("spans 90 of 365 days");
        assertThat(column(may, "weekday").status()).isEqualTo(DriftStatus.OK);
        assertThat(column(may, "carrier").status()).isEqualTo(DriftStatus.OK);
        assertThat(column(may, "carrier").unknownShare()).isCloseTo(1.0 / 230, within(1e-9));
        assertThat(column(may, "empty").status()).isEqualTo(DriftStatus.NOT_APPLICABLE);
        assertThat(column(may, "empty").missingShare()).isEqualTo(1);
        assertThat(Json.read(Json.write(may), DriftMonitor.Verdict.class)).isEqualTo(may);
    }

    @Test
    void zeroInflatedRainShowsItsDrift() {
        Reference reference = reference();
        DriftMonitor.Verdict wet = DriftMonitor.judge(reference, window(reference, 28, 38, 0.6), SETTINGS);
        DriftMonitor.ColumnVerdict rain = column(wet, "precip_in");
        assertThat(rain.status()).isEqualTo(DriftStatus.DRIFT);
        assertThat(rain.score()).isGreaterThan(0.2);
    }

    @Test
    void fewDaysAreInsufficientData() {
        Reference reference = reference();
        DriftMonitor.Verdict verdict = DriftMonitor.judge(reference, window(reference, 7, 90, 0.93), SETTINGS);
        assertThat(column(verdict, "temp_f").status()).isEqualTo(DriftStatus.INSUFFICIENT_DATA);
        assertThat(column(verdict, "temp_f").reason()).contains("7 days");
    }

    @Test
    void columnWithoutReferenceIsNamed() {
        Reference reference = reference();
        Reference smaller = new Reference("abc", new Profile(Map.of("temp_f", number(temperatures(90, 38)))), 90, 90);
        DriftMonitor.Verdict verdict = DriftMonitor.judge(smaller, window(reference, 9, 38, 0.9), SETTINGS);
        assertThat(column(verdict, "carrier").status()).isEqualTo(DriftStatus.NO_REFERENCE);
    }

    @Test
    void countsOfAnotherReferenceAreNotCompared() {
        Reference reference = reference();
        Reference other = new Reference("def", reference.profile(), 90, 90);
        DriftMonitor.Verdict verdict = DriftMonitor.judge(other, window(reference, 9, 38, 0.9), SETTINGS);
        assertThat(column(verdict, "temp_f").status()).isEqualTo(DriftStatus.ERROR);
    }

    @Test
    void atomsOfSegmentsAddUpToThoseOfTheDay() {
        Reference reference = reference();
        List<ColumnAtom> whole = window(reference, 1, 38, 0.9);
        ColumnAtom half = whole.getFirst();
        ColumnAtom twice = half.merge(half);
        assertThat(twice.rows()).isEqualTo(2 * half.rows());
        ColumnAtom read = Json.read(Json.write(twice), ColumnAtom.class);
        assertThat(Json.canonical(read)).isEqualTo(Json.canonical(twice));
        DriftMonitor.Verdict none = DriftMonitor.judge(reference, List.of(), SETTINGS);
        assertThat(column(none, "temp_f").status()).isEqualTo(DriftStatus.NOT_APPLICABLE);
    }
}
