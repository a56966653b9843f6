package dev.perennial.monitoring.atoms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.perennial.gates.Evaluation;
import dev.perennial.kernel.Json;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PerformanceTest {
    private final Random random = new Random(30);

    /** Days of 200 rows whose rate varies by day; answers are right on average plus {@code bias}, and as informative as told. */
    private List<ServedDay> days(int count, double bias, double information, int labelledOf200) {
        List<ServedDay> days = new ArrayList<>();
        for (int d = 0; d < count; d++) {
            double rate = Math.min(0.5, Math.max(0.05, 0.25 + 0.05 * random.nextGaussian()));
            TreeMap<Integer, Integer> high = new TreeMap<>();
            TreeMap<Integer, Integer> low = new TreeMap<>();
            double loss = 0;
            double squares = 0;
            double brier = 0;
            double sum = 0;
            long positives = 0;
            for (int i = 0; i < labelledOf200; i++) {
                double p = Math.min(0.98, Math.max(0.02, rate + information * (random.nextDouble() - 0.5)));
                boolean label = random.nextDouble() < p;
                double score = Math.min(0.99, Math.max(0.01, p + bias));
                double row = -Math.log(label ? score : 1 - score);
                loss += row;
                squares += row * row;
                brier += (score - (label ? 1 : 0)) * (score - (label ? 1 : 0));
                sum += score;
                positives += label ? 1 : 0;
                (label ? high : low).merge((int) (score * 1000), 1, Integer::sum);
            }
            Evaluation.Scores scores = new Evaluation.Scores(loss, squares, brier, sum, pairs(high), pairs(low));
            days.add(new ServedDay(
                    LocalDate.of(2013, 10, 1).plusDays(d).toString(), 200, labelledOf200, positives, scores));
        }
        return days;
    }

    private static int[] pairs(TreeMap<Integer, Integer> bins) {
        return bins.entrySet().stream()
                .flatMapToInt(entry -> IntStream.of(entry.getKey(), entry.getValue()))
                .toArray();
    }

    @Test
    void soundModelShowsNoHarm() {
        Performance now = Performance.of(days(14, 0, 0.3, 200), 0.8, 1);
        Harm harm = Harm.judge(now, "log_loss", 0.53, 0.03);
        assertThat(harm.state()).isEqualTo(Harm.State.NOT_SHOWN);
        assertThat(now.skill().estimate()).isPositive();
        assertThat(now.auc().estimate()).isBetween(0.55, 0.75);
        assertThat(now.calibration().low()).isLessThan(0.0);
        assertThat(now.calibration().high()).isGreaterThan(0.0);
        assertThat(now.coverage()).isEqualTo(1);
        assertThat(now.deff().deff()).isGreaterThanOrEqualTo(1);
        assertThat(Json.read(Json.write(now), Performance.class)).isEqualTo(now);
    }

    @Test
    void answersThatAreWrongOnAverageAreHarm() {
        Performance now = Performance.of(days(14, 0.2, 0.3, 200), 0.8, 1);
        Harm harm = Harm.judge(now, "log_loss", 0.56, 0.03);
        assertThat(harm.state()).isEqualTo(Harm.State.SHOWN);
        assertThat(harm.text()).contains("mean answer");
        assertThat(now.calibration().estimate()).isCloseTo(0.2, within(0.03));
    }

    @Test
    void lossBeyondTheFirstEvaluationIsHarm() {
        Performance now = Performance.of(days(14, 0, 0.3, 200), 0.8, 1);
        Harm harm = Harm.judge(now, "log_loss", 0.40, 0.03);
        assertThat(harm.state()).isEqualTo(Harm.State.SHOWN);
        assertThat(harm.evidence()).hasSize(1);
    }

    @Test
    void daysWithoutOutcomesAreWithheldAndNamed() {
        List<ServedDay> window = new ArrayList<>(days(10, 0.3, 0.3, 200));
        window.addAll(days(3, 0.3, 0.3, 80).stream()
                .map(day -> new ServedDay(
                        "2013-11-0" + day.day().substring(9),
                        day.rows(),
                        day.labelled(),
                        day.positives(),
                        day.scores()))
                .toList());
        Performance now = Performance.of(window, 0.8, 1);
        assertThat(now.days()).isEqualTo(10);
        assertThat(now.withheld()).hasSize(3).containsEntry("2013-11-01", 0.4);
        assertThat(now.coverage()).isCloseTo((2000 + 240) / 2600.0, within(1e-12));
        assertThat(Harm.judge(Performance.of(window.subList(6, 13), 0.8, 1), "log_loss", 0.1, 0)
                        .state())
                .isEqualTo(Harm.State.INSUFFICIENT_DATA);
    }

    @Test
    void nothingServedIsInsufficientData() {
        Performance none = Performance.of(List.of(), 0.8, 1);
        assertThat(Harm.judge(none, "log_loss", 0.5, 0.03).state()).isEqualTo(Harm.State.INSUFFICIENT_DATA);
        assertThat(Json.read(Json.write(none), Performance.class)).isEqualTo(none);
    }

    @Test
    void fourVerdictsHaveFourTexts() {
        DriftMonitor.Verdict quiet = new DriftMonitor.Verdict("a", "b", List.of(), true);
        DriftMonitor.ColumnVerdict temperature = new DriftMonitor.ColumnVerdict(
                "temp_f",
                dev.perennial.statistics.DriftStatus.DRIFT,
                7.1,
                0.1,
                0,
                0,
                0,
                1,
                1,
                1,
                1,
                2,
                28,
                2,
                0,
                0,
                0,
                true,
                "");
        DriftMonitor.Verdict loud = new DriftMonitor.Verdict("a", "b", List.of(temperature), true);
        Harm harm = new Harm(Harm.State.SHOWN, List.of("x"), "harm shown in 14 days: x");
        Harm noHarm = new Harm(Harm.State.NOT_SHOWN, List.of(), "no harm shown in 14 days: log_loss 0.5");
        assertThat(MonitorVerdict.of(loud, noHarm).kind()).isEqualTo(MonitorVerdict.Kind.DRIFT_ONLY);
        assertThat(MonitorVerdict.of(loud, noHarm).text())
                .startsWith("temp_f (PSI 7.10) drifted; the reference covers less than a season; no harm shown");
        assertThat(MonitorVerdict.of(loud, harm).kind()).isEqualTo(MonitorVerdict.Kind.BOTH);
        assertThat(MonitorVerdict.of(quiet, harm).kind()).isEqualTo(MonitorVerdict.Kind.HARM_ONLY);
        assertThat(MonitorVerdict.of(quiet, noHarm).kind()).isEqualTo(MonitorVerdict.Kind.NEITHER);
    }
}
