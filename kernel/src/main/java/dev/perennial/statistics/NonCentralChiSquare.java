package dev.perennial.statistics;

import org.apache.commons.numbers.gamma.RegularizedGamma;

/**
 * Upper tail of the non-central chi-square: the Poisson mixture of central tails, summed upwards from where the Poisson weights begin to
 * matter. All steps add positive terms, so nothing cancels; cost grows with the square root of the non-centrality (about 5,000 terms at
 * 200,000).
 */
final class NonCentralChiSquare {
    private static final double NEGLIGIBLE = 1e-17;

    private NonCentralChiSquare() {}

    /** P(X >= x) for {@code dof} degrees of freedom and non-centrality {@code lambda}. */
    static double survival(double x, double dof, double lambda) {
        if (x <= 0) {
            return 1;
        }
        if (Double.isInfinite(x)) {
            return 0;
        }
        double half = x / 2;
        double shape = dof / 2;
        if (lambda <= 0) {
            return RegularizedGamma.Q.value(shape, half);
        }
        double mean = lambda / 2;
        // Weights relative to the mode, whose own weight is 1; their sum normalises.
        double mode = Math.floor(mean);
        double weight = 1;
        double first = mode;
        while (first > 0 && weight > NEGLIGIBLE) {
            weight *= first / mean;
            first--;
        }
        double tail = RegularizedGamma.Q.value(shape + first, half);
        double step = RegularizedGamma.P.derivative(shape + first + 1, half);
        double weights = 0;
        double sum = 0;
        for (double j = first; ; j++) {
            weights += weight;
            double term = weight * tail;
            sum += term;
            if (j > mode && weight <= NEGLIGIBLE * weights && term <= NEGLIGIBLE * sum) {
                return Math.min(1, sum / weights);
            }
            weight *= mean / (j + 1);
            if (step == 0 && tail < 0.5) {
                tail = RegularizedGamma.Q.value(shape + j + 1, half);
                step = RegularizedGamma.P.derivative(shape + j + 2, half);
            } else {
                tail = Math.min(1, tail + step);
                step *= half / (shape + j + 1);
            }
        }
    }
}
