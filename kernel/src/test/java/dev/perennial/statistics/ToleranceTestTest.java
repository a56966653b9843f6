package dev.perennial.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ToleranceTestTest {
    private static final double NE = ToleranceTest.effectiveSize(400, 200);

    @Test
    void agreesWithReferenceValuesAtThreeTolerances() {
        double psi = 0.101626205541;
        assertThat(ToleranceTest.judge(psi, 0, NE, 5, 0.05).pTol()).isCloseTo(0.00887819885258, within(1e-9));
        assertThat(ToleranceTest.judge(psi, 0.02, NE, 5, 0.05).pTol()).isCloseTo(0.0746245055677, within(1e-9));
        assertThat(ToleranceTest.judge(psi, 0.1, NE, 5, 0.05).pTol()).isCloseTo(0.649741569422, within(1e-9));
        assertThat(ToleranceTest.judge(psi, 0.1, NE, 5, 0.05).pEqual()).isCloseTo(0.00887819885258, within(1e-9));
    }

    @Test
    void staysStableForHugeSamples() {
        // 2 * 10^8 effective rows: lambda is 2 * 10^7 and the mixture has tens of thousands of terms.
        double atTolerance = ToleranceTest.judge(0.1, 0.1, 2e8, 20, 0.05).pTol();
        assertThat(atTolerance).isBetween(0.49, 0.51);
        assertThat(ToleranceTest.judge(0.1001, 0.1, 2e8, 20, 0.05).pTol()).isBetween(0.0, 0.02);
        assertThat(ToleranceTest.judge(0.0999, 0.1, 2e8, 20, 0.05).pTol()).isBetween(0.98, 1.0);
    }

    @Test
    void keepsFarTailsPositiveAndOrdered() {
        double near = ToleranceTest.judge(0.3, 0.1, 1000, 10, 0.05).pTol();
        double far = ToleranceTest.judge(0.6, 0.1, 1000, 10, 0.05).pTol();
        assertThat(far).isPositive().isLessThan(near).isLessThan(1e-20);
    }

    @Test
    void answersOneWhenNothingCanBeJudged() {
        assertThat(ToleranceTest.judge(5, 0.1, 0, 10, 0.05).pTol()).isEqualTo(1);
        assertThat(ToleranceTest.judge(0, 0.1, 100, 10, 0.05).pTol()).isEqualTo(1);
        assertThat(ToleranceTest.judge(5, 0.1, 100, 1, 0.05).pEqual()).isEqualTo(1);
    }
}
