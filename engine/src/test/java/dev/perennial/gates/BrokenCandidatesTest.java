package dev.perennial.gates;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Candidates as they were measured on the flights of 18 to 31 July 2013 (14 days, 12,948 rows): honest, leaking, in wrong units, with
 * flipped labels. The clusters are drawn such that their intervals have the measured ends to about a hundredth, hence the same signs.
 */
class BrokenCandidatesTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        // name, difference, spread of days, separation (sets AUC), verdict, detail of the champion gate
        "honest,                   -0.020, 0.036, 1.15, PASS,   SHOWN",
        "leak of departure delay,  -0.241, 0.032, 2.00, REVIEW, SHOWN",
        "metric units,              0.012, 0.068, 1.10, FAIL,   NOT_SHOWN_BETTER",
        "temperature in celsius,   -0.008, 0.053, 1.10, FAIL,   NOT_SHOWN_BETTER",
        "30 % of labels flipped,    0.060, 0.044, 1.00, FAIL,   SHOWN_WORSE",
        "20 % of labels flipped,    0.026, 0.034, 1.05, FAIL,   SHOWN_WORSE",
        "10 % of labels flipped,   -0.003, 0.033, 1.05, FAIL,   NOT_SHOWN_BETTER",
    })
    void getTheirMeasuredVerdict(
            String name, double difference, double spread, double separation, Verdict verdict, Detail detail) {
        Evaluation evaluation = new Trial()
                .rowsPerDay(925)
                .gain(-difference)
                .daySpread(spread)
                .separation(separation, 1.1)
                .evaluation();
        GateReport report = GateJudge.judge(Trial.file(Trial.usual()), evaluation, Trial.sound());

        assertThat(report.of("log_loss better-than champion").orElseThrow().detail())
                .as(report.text())
                .isEqualTo(detail);
        assertThat(report.verdict()).isEqualTo(verdict);
        assertThat(report.opens(Optional.empty())).isEqualTo(verdict == Verdict.PASS);
    }
}
