package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.perennial.rollout.RolloutEvidence.Comparison;
import org.junit.jupiter.api.Test;

class ComparisonTallyTest {

    @Test
    void sumsDifferencesOfLabelledRowsAndBinsOfAll() {
        ComparisonTally tally = new ComparisonTally();
        tally.add(0.9, 0.5, true);
        tally.add(0.9, 0.5, false);
        tally.add(1.0, 0.0, null);
        Comparison day = tally.comparison();
        assertThat(day.rows()).isEqualTo(3);
        assertThat(day.labelled()).isEqualTo(2);
        assertThat(day.candidateBins()).containsExactly(900, 2, 999, 1);
        assertThat(day.championBins()).containsExactly(0, 1, 500, 2);
        assertThat(day.paired().logLoss()).isCloseTo(Math.log(0.5 / 0.9) + Math.log(0.5 / 0.1), within(1e-12));
        assertThat(day.paired().brier()).isCloseTo(0.01 + 0.81 - 0.5, within(1e-12));
    }

    @Test
    void aCertainScoreThatIsWrongStaysFinite() {
        ComparisonTally tally = new ComparisonTally();
        tally.add(0.0, 0.5, true);
        assertThat(tally.comparison().paired().logLoss()).isCloseTo(-Math.log(1e-7) + Math.log(0.5), within(1e-9));
    }
}
