package dev.perennial.statistics;

import java.util.Arrays;

/** p-values adjusted for how many were looked at, in the order given. */
public final class MultipleTesting {
    private MultipleTesting() {}

    /** Which error is controlled, and under what dependence. */
    public enum Method {
        /** Any false alarm; simple. */
        BONFERRONI,
        /** Any false alarm; never weaker than Bonferroni. For gates. */
        HOLM,
        /** Share of false among all alarms, for independent or positively dependent tests. The default of monitors. */
        BENJAMINI_HOCHBERG,
        /** Share of false among all alarms under any dependence. */
        BENJAMINI_YEKUTIELI
    }

    public static double[] adjust(double[] p, Method method) {
        int n = p.length;
        int[] order = Ranks.order(p);
        double[] adjusted = new double[n];
        double harmonic = 0;
        for (int i = 1; i <= n; i++) {
            harmonic += 1.0 / i;
        }
        switch (method) {
            case BONFERRONI -> Arrays.setAll(adjusted, i -> Math.min(1, p[i] * n));
            case HOLM -> {
                double largest = 0;
                for (int i = 0; i < n; i++) {
                    largest = Math.max(largest, Math.min(1, p[order[i]] * (n - i)));
                    adjusted[order[i]] = largest;
                }
            }
            case BENJAMINI_HOCHBERG -> stepUp(p, order, 1, adjusted);
            case BENJAMINI_YEKUTIELI -> stepUp(p, order, harmonic, adjusted);
        }
        return adjusted;
    }

    private static void stepUp(double[] p, int[] order, double factor, double[] adjusted) {
        double smallest = 1;
        for (int i = order.length - 1; i >= 0; i--) {
            smallest = Math.min(smallest, p[order[i]] * order.length / (i + 1) * factor);
            adjusted[order[i]] = smallest;
        }
    }
}
