package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.gates.Evaluation.Paired;
import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.rollout.RolloutDecision.Reason;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole rollouts by the thousand: honest candidates must get through, harmful ones must not. */
class RolloutSimulationTest {
    private static final Logger LOG = Logger.getLogger(RolloutSimulationTest.class.getName());
    private static final int ROLLOUTS = 1_000;
    private static final Rollout PLAN = new Rollout(
            2,
            List.of(new Rollout.Canary(0.10, 3), new Rollout.Canary(0.50, 1)),
            new Rollout.StopOn(0.25, "log_loss", 0, 0.01),
            604_800_000);
    private static final RolloutWorld FLIGHTS = new RolloutWorld(230, 0.78, 0.18, 0.3, DoubleUnaryOperator.identity());

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "independent rows,         230, 0.00, 0.00",
        "flights at quick scale,   230, 0.78, 0.18",
        "flights at full scale,    930, 0.78, 0.18",
        "strong days,              230, 1.30, 0.28",
        "strong days at full scale, 930, 1.00, 0.25",
        "few rows,                  40, 0.55, 0.18",
    })
    void honestCandidatesAreSeldomStopped(String name, int rows, double surprise, double dayError) {
        RolloutWorld world = new RolloutWorld(rows, surprise, dayError, 0.3, DoubleUnaryOperator.identity());
        Map<Reason, Integer> reasons = new EnumMap<>(Reason.class);
        for (long seed = 0; seed < ROLLOUTS; seed++) {
            reasons.merge(RolloutRun.play(PLAN, world, seed).last().reason(), 1, Integer::sum);
        }
        int promoted = reasons.getOrDefault(Reason.STEP_PASSED, 0);
        int stopped = ROLLOUTS - promoted;
        double upper = BetaDistribution.of(stopped + 1.0, ROLLOUTS - stopped).inverseCumulativeProbability(0.975);
        LOG.info(String.format(
                Locale.ROOT,
                "honest candidates, %s (design effect %.1f, PSI of the first day %s): stopped %.1f %% of %,d, upper 95 %% bound %.1f %% %s",
                name,
                LabelledWorld.measured(world),
                firstDayPsi(world),
                100.0 * stopped / ROLLOUTS,
                ROLLOUTS,
                100 * upper,
                new TreeMap<>(reasons)));
        assertThat(stopped).isLessThanOrEqualTo(ROLLOUTS / 20);
        assertThat(upper).isLessThanOrEqualTo(0.065);
    }

    /** Harms as they were measured on flights of August, by their PSI against the champion on the same rows; {@code within} days. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "leak of departure delay (PSI 1.7),    0.55, -1.15, 2",
        "30 % of labels flipped (PSI 5.8),     0.25,  0.10, 1",
        "scores fall to a constant (PSI 8),    0.00, -2.50, 1",
    })
    void candidatesWhoseScoresLeaveTheChampionsAreStoppedInShadow(String name, double slope, double shift, int within) {
        RolloutWorld world = FLIGHTS.with(logit -> slope * logit + shift);
        double[] days = new double[200];
        int stopped = 0;
        int inShadow = 0;
        for (int seed = 0; seed < days.length; seed++) {
            RolloutRun.End end = RolloutRun.play(PLAN, world, seed);
            stopped += end.stopped() ? 1 : 0;
            inShadow += end.stopped() && end.last().next().step() == 0 ? 1 : 0;
            days[seed] = end.days();
        }
        Arrays.sort(days);
        LOG.info(String.format(
                Locale.ROOT,
                "%s, PSI of the first day %s: %d of %d stopped, %d before they answered anyone, at the median after %.0f days",
                name,
                firstDayPsi(world),
                stopped,
                days.length,
                inShadow,
                days[days.length / 2]));
        assertThat(days[days.length / 2]).isLessThanOrEqualTo(within);
        assertThat(stopped).isGreaterThanOrEqualTo(days.length * 95 / 100);
        assertThat(inShadow).isGreaterThanOrEqualTo(days.length * 85 / 100);
    }

    /** What scores cannot show, labels do: all traffic in shadow, 930 rows a day, log loss differences as measured in August. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        // name, mean and spread of a day's difference, spread of a row, days it took on the flights
        "leak of departure delay, 0.106, 0.13, 0.45,  8",
        "30 % of labels flipped,  0.086, 0.08, 0.45, 19",
        "metric units,            0.052, 0.07, 0.35, 26",
        "honest,                  0.000, 0.02, 0.12, 0",
    })
    void labelsShowHarmWithinTheDaysMeasuredOnFlights(
            String name, double mean, double daySpread, double rowSpread, int within) {
        Rollout shadow = new Rollout(40, List.of(), PLAN.stopOn(), 0);
        int[] days = new int[200];
        for (int seed = 0; seed < days.length; seed++) {
            days[seed] = daysUntilHarm(shadow, mean, daySpread, rowSpread, seed);
        }
        long stopped = Arrays.stream(days).filter(day -> day <= 40).count();
        Arrays.sort(days);
        LOG.info(String.format(
                Locale.ROOT,
                "harm by labels, %s: stopped %d of %d, median day %d",
                name,
                stopped,
                days.length,
                days[days.length / 2]));
        if (within == 0) {
            assertThat(stopped).isLessThanOrEqualTo(days.length / 20);
        } else {
            assertThat(days[days.length / 2]).isLessThanOrEqualTo(within);
            assertThat(stopped).isGreaterThan(days.length * 9L / 10);
        }
    }

    private static int daysUntilHarm(Rollout plan, double mean, double daySpread, double rowSpread, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        RolloutJudge judge = new RolloutJudge(RolloutLimits.DEFAULT);
        RolloutState state =
                RolloutState.start(RolloutRun.plan(plan), RolloutRun.CANDIDATE, RolloutRun.CHAMPION, RolloutRun.MONDAY);
        List<RolloutEvidence.Day> days = new ArrayList<>();
        LocalDate date = RolloutRun.CALENDAR.day(RolloutRun.MONDAY);
        int rows = 930;
        for (int day = 1; day <= plan.shadowDays(); day++, date = date.plusDays(1)) {
            double level =
                    mean + daySpread * random.nextGaussian() + rowSpread * random.nextGaussian() / Math.sqrt(rows);
            Paired sums = new Paired(rows * level, rows * (level * level + rowSpread * rowSpread), 0, 0);
            days.add(new RolloutEvidence.Day(
                    date.toString(),
                    rows,
                    rows,
                    new RolloutEvidence.Comparison(rows, rows, sums, new int[0], new int[0]),
                    rows,
                    0,
                    0));
            RolloutDecision decision = judge.judge(
                    RolloutRun.plan(plan),
                    state,
                    RolloutRun.evidence(days, new Learnt(0.035, rowSpread, 0.035, 14)),
                    RolloutRun.CALENDAR.published(date));
            if (decision.reason() == Reason.HARM) {
                return day;
            }
        }
        return plan.shadowDays() + 1;
    }

    private static String firstDayPsi(RolloutWorld world) {
        SplittableRandom random = new SplittableRandom(8);
        double[] psi = IntStream.range(0, 1_000)
                .mapToDouble(_ -> {
                    RolloutEvidence.Comparison day =
                            world.day(LocalDate.EPOCH, 1, random).comparison();
                    ScoreBins bins = new ScoreBins();
                    bins.add(day.candidateBins(), day.championBins());
                    return bins.psi();
                })
                .sorted()
                .toArray();
        return String.format(
                Locale.ROOT, "%.2f at the median, %.2f at 95 %%, %.2f at 99 %%", psi[500], psi[950], psi[990]);
    }
}
