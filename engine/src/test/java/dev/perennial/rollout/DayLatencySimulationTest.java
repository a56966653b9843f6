package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.lifecycle.file.ExampleFile;
import dev.perennial.lifecycle.file.ModelCalendar;
import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.rollout.RolloutEvidence.Comparison;
import dev.perennial.rollout.RolloutEvidence.Control;
import dev.perennial.rollout.RolloutEvidence.Day;
import dev.perennial.rollout.Spread.Halves;
import dev.perennial.rollout.Spread.Sums;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The latency guard of lifecycle files in whole rollouts: 10 % of 3,000 rows a day for 4 days and 50 % for 3, a look each morning, learnt from 8
 * days of two halves. Each group of callers has days of its own, as large as the design effect of 1,500 rows says. Prints its table.
 */
class DayLatencySimulationTest {
    private static final Logger LOG = LoggerFactory.getLogger(DayLatencySimulationTest.class);
    private static final int ROLLOUTS = 1_000;
    private static final int STOPPED_MAX = 20;
    private static final int ROWS = 3_000;
    private static final double ROW_SD = 0.3;
    private static final LocalDate FIRST = LocalDate.of(2013, 4, 1);
    private static final ModelCalendar CALENDAR = ExampleFile.parsed().calendar();

    private static RolloutPlan plan(double tolerated) {
        Rollout declared = new Rollout(
                0,
                List.of(new Rollout.Canary(0.1, 4), new Rollout.Canary(0.5, 3)),
                new Rollout.StopOn(0.25, "log_loss", 0, 0.01, tolerated),
                0);
        return RolloutPlan.of(declared, CALENDAR, false);
    }

    /** The day's sum over a group whose callers share a day of their own. */
    private static Sums group(int rows, double mean, double daySd, SplittableRandom random) {
        double center = mean + daySd * random.nextGaussian() + ROW_SD * random.nextGaussian() / Math.sqrt(rows);
        double sum = rows * center;
        double squares = rows * center * center + (rows - 1) * ROW_SD * ROW_SD;
        return new Sums(rows, sum, squares);
    }

    /** Whether and on which day latency stopped a rollout; 0 when it did not. */
    private static int stopped(long seed, double designEffect, double slower, double tolerated) {
        SplittableRandom random = new SplittableRandom(seed);
        double daySd = ROW_SD * Math.sqrt((designEffect - 1) / (ROWS / 2.0 - 1));
        double usual = Math.log(50_000);
        List<Halves> earlier = new ArrayList<>();
        for (int day = 0; day < 8; day++) {
            earlier.add(new Halves(group(ROWS / 2, usual, daySd, random), group(ROWS / 2, usual, daySd, random)));
        }
        Learnt learnt = new Learnt(0.02, 0.1, 0.035, 8).timed(earlier);
        RolloutLimits limits = new RolloutLimits(20, 200, 7, AlphaPlan.DEFAULT, 0.05, 2.0, 200, 0, 2.0, 0.05);
        RolloutPlan plan = plan(tolerated);
        RolloutState state = RolloutState.start(plan, "m/2", "m/1", CALENDAR.published(FIRST.minusDays(1)));
        List<Day> days = new ArrayList<>();
        for (int day = 0; day < 7; day++) {
            int rows = day < 4 ? ROWS / 10 : ROWS / 2;
            days.add(new Day(
                    FIRST.plusDays(day).toString(),
                    ROWS,
                    ROWS,
                    Comparison.empty(),
                    rows,
                    0,
                    0,
                    group(rows, usual + Math.log(slower), daySd, random),
                    new Control(0, 0, group(rows, usual, daySd, random)),
                    null));
            RolloutDecision decision = new RolloutJudge(limits)
                    .judge(
                            plan,
                            state,
                            new RolloutEvidence(List.copyOf(days), learnt, 0.8, null),
                            CALENDAR.published(FIRST.plusDays(day + 1)));
            if (decision.reason() == RolloutDecision.Reason.LATENCY) {
                return day + 1;
            }
        }
        return 0;
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 5, 15, 50})
    void aCandidateThatTakesExactlyAsLongAsIsToleratedIsSeldomStopped(double designEffect) {
        int stopped = 0;
        for (long seed = 0; seed < ROLLOUTS; seed++) {
            stopped += stopped(seed, designEffect, 1, 1) > 0 ? 1 : 0;
        }
        LOG.info("latency by days, honest, design effect {}: {} of {} stopped", designEffect, stopped, ROLLOUTS);
        assertThat(stopped).isLessThanOrEqualTo(STOPPED_MAX);
    }

    /** Days that swing as much as a design effect of 50 hide it from a week as often as not. */
    @ParameterizedTest
    @CsvSource({"1, 95", "5, 95", "15, 95", "50, 40"})
    void aCandidateThatTakesHalfAsLongAgainIsStoppedWhereAFifthIsTolerated(double designEffect, int stoppedMin) {
        int stopped = 0;
        long days = 0;
        for (long seed = 0; seed < 100; seed++) {
            int day = stopped(seed, designEffect, 1.5, 1.2);
            stopped += day > 0 ? 1 : 0;
            days += day;
        }
        LOG.info(
                "latency by days, +50 %, design effect {}: {} of 100 stopped, after {} days on average",
                designEffect, stopped, (double) days / Math.max(1, stopped));
        assertThat(stopped).isGreaterThanOrEqualTo(stoppedMin);
    }
}
