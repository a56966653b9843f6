package dev.perennial.statistics;

/**
 * Detectors on a stream of right (false) and wrong (true) answers. After a drift they start afresh. Evidence, not pages: an alarm opens a
 * review. Not mergeable: order matters. Single-threaded.
 */
public sealed interface ErrorDrift {

    /** What the stream looks like after the last answer. */
    enum Level {
        STABLE,
        WARNING,
        DRIFT
    }

    Level update(boolean wrong);

    /**
     * The error rate rose above its lowest point (DDM). An error-free start would make the first error a drift, hence {@code minErrors}.
     */
    final class Rate implements ErrorDrift {
        private final int warmStart;
        private final double warning;
        private final double drift;
        private final int minErrors;
        private long count;
        private long errors;
        private double rate;
        private double minimumRate;
        private double minimumDeviation;
        private double minimum = Double.POSITIVE_INFINITY;

        /** @param minErrors errors to be seen before the first alarm; 0 gives the published rule, 30 is recommended */
        public Rate(int warmStart, double warning, double drift, int minErrors) {
            this.warmStart = warmStart;
            this.warning = warning;
            this.drift = drift;
            this.minErrors = minErrors;
        }

        /** Warning at 2, drift at 3 deviations, armed after 30 answers and 30 errors. */
        public static Rate guarded() {
            return new Rate(30, 2, 3, 30);
        }

        @Override
        public Level update(boolean wrong) {
            count++;
            errors += wrong ? 1 : 0;
            rate += ((wrong ? 1 : 0) - rate) / count;
            if (count <= warmStart || errors < minErrors) {
                return Level.STABLE;
            }
            double deviation = Math.sqrt(rate * (1 - rate) / count);
            if (rate + deviation <= minimum) {
                minimum = rate + deviation;
                minimumRate = rate;
                minimumDeviation = deviation;
            }
            if (rate + deviation > minimumRate + drift * minimumDeviation) {
                reset();
                return Level.DRIFT;
            }
            return rate + deviation > minimumRate + warning * minimumDeviation ? Level.WARNING : Level.STABLE;
        }

        private void reset() {
            count = 0;
            errors = 0;
            rate = 0;
            minimum = Double.POSITIVE_INFINITY;
        }
    }

    /** Errors come closer together than they were (EDDM). Fires on most stationary streams sooner or later: never for alerts. */
    final class Distance implements ErrorDrift {
        private final int warmErrors;
        private final double alpha;
        private final double beta;
        private long count;
        private long last;
        private long errors;
        private double mean;
        private double m2;
        private double maximum;

        public Distance(int warmErrors, double alpha, double beta) {
            this.warmErrors = warmErrors;
            this.alpha = alpha;
            this.beta = beta;
        }

        @Override
        public Level update(boolean wrong) {
            count++;
            if (!wrong) {
                return Level.STABLE;
            }
            errors++;
            double distance = count - last;
            last = count;
            double delta = distance - mean;
            mean += delta / errors;
            m2 += delta * (distance - mean);
            double reach = mean + 2 * Math.sqrt(m2 / errors);
            if (errors < warmErrors) {
                return Level.STABLE;
            }
            if (reach > maximum) {
                maximum = reach;
                return Level.STABLE;
            }
            double share = reach / maximum;
            if (share < beta) {
                reset();
                return Level.DRIFT;
            }
            return share < alpha ? Level.WARNING : Level.STABLE;
        }

        private void reset() {
            count = 0;
            last = 0;
            errors = 0;
            mean = 0;
            m2 = 0;
            maximum = 0;
        }
    }
}
