package dev.perennial.statistics;

import java.util.Arrays;

/**
 * Frozen right-closed bins (-inf, e1], (e1, e2], ..., (ek, inf) with a fast lookup. A value v gets a bin of its own by the two edges just
 * below v and v.
 *
 * <p>Cost model: one multiplication and a table read give the few edges that lie in the value's cell of a uniform grid over most edges; a
 * binary search among those ends it. An outlying edge only makes the cells coarser, never wrong; the search takes at most log2(edges) steps.
 */
public final class Bins {
    /** Distinct values up to which each gets a bin of its own. */
    public static final int VALUES_MAX = 64;

    /** Equal-mass bins of a column with more distinct values. */
    public static final int FINE = 256;

    private static final int CELLS = 2048;

    private final double[] edges;
    private final double origin;
    private final double scale;
    /** Cell c holds edges first[c] (inclusive) to first[c + 1] (inclusive of the one that ends it). */
    private final int[] first;

    private Bins(double[] edges) {
        this.edges = edges;
        int k = edges.length;
        // The grid leaves out the outer sixteenths, where a few far edges would make all cells too wide.
        origin = k == 0 ? 0 : edges[k / 16];
        double width = k == 0 ? 0 : edges[k - 1 - k / 16] - origin;
        boolean flat = !(width > 0) || Double.isInfinite(width) || Double.isInfinite(CELLS / width);
        scale = flat ? 0 : CELLS / width;
        first = new int[CELLS + 2];
        int[] perCell = new int[CELLS + 1];
        for (double edge : edges) {
            perCell[cell(edge)]++;
        }
        for (int c = 0; c <= CELLS; c++) {
            first[c + 1] = first[c] + perCell[c];
        }
    }

    /** Bins with these inner edges; they must be finite and ascend strictly. */
    public static Bins ofEdges(double... edges) {
        for (int i = 0; i < edges.length; i++) {
            if (!Double.isFinite(edges[i]) || (i > 0 && edges[i] <= edges[i - 1])) {
                throw new IllegalArgumentException(
                        "edge " + edges[i] + " at position " + i + " is not finite or not above the edge before it");
            }
        }
        return new Bins(edges.clone());
    }

    /** One bin for each of the ascending distinct values, and the gaps between them. */
    public static Bins ofValues(double... values) {
        return ofEdges(withPoints(new double[0], values));
    }

    /**
     * The bins that a reference of finite values (any order) is frozen to: one for each value when at most {@link #VALUES_MAX} are
     * distinct, else {@link #FINE} of equal mass, in which a value that holds at least 1/{@link #FINE} of the rows has a bin of its own
     * (otherwise the quantiles of a zero-inflated column collapse onto 0 and hide any change).
     */
    public static Bins anchored(double[] finite) {
        double[] sorted = finite.clone();
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] += 0.0; // -0.0 becomes 0.0
        }
        Arrays.sort(sorted);
        double[] distinct = distinct(sorted, VALUES_MAX + 1);
        if (distinct.length <= VALUES_MAX) {
            return ofValues(distinct);
        }
        return anchoredFine(sorted, FINE);
    }

    /** Equal-mass bins of ascending values; a value with at least 1/bins of the rows gets its own, quantiles share the rest. */
    static Bins anchoredFine(double[] sorted, int bins) {
        double[] heavy = new double[bins];
        double[] rest = new double[sorted.length];
        int points = 0;
        int others = 0;
        for (int from = 0; from < sorted.length; ) {
            int to = from;
            while (to < sorted.length && sorted[to] == sorted[from]) {
                to++;
            }
            if ((long) (to - from) * bins >= sorted.length) {
                heavy[points++] = sorted[from];
            } else {
                System.arraycopy(sorted, from, rest, others, to - from);
                others += to - from;
            }
            from = to;
        }
        int left = (int) Math.max(1, (long) bins * others / Math.max(1, sorted.length));
        double[] edges = QuantileEdges.of(Arrays.copyOf(rest, others), left);
        return ofEdges(withPoints(edges, Arrays.copyOf(heavy, points)));
    }

    private static double[] withPoints(double[] edges, double[] points) {
        double[] all = Arrays.copyOf(edges, edges.length + 2 * points.length);
        int n = edges.length;
        for (double point : points) {
            all[n++] = Math.nextDown(point);
            all[n++] = point;
        }
        Arrays.sort(all);
        return distinct(all, all.length);
    }

    private static double[] distinct(double[] sorted, int limit) {
        double[] distinct = new double[Math.min(limit, sorted.length)];
        int n = 0;
        for (int i = 0; i < sorted.length && n < limit; i++) {
            if (n == 0 || sorted[i] != distinct[n - 1]) {
                distinct[n++] = sorted[i];
            }
        }
        return Arrays.copyOf(distinct, n);
    }

    public int size() {
        return edges.length + 1;
    }

    public double[] edges() {
        return edges.clone();
    }

    /** Whether the bin holds one value only. */
    boolean isPoint(int bin) {
        return bin > 0 && bin < edges.length && edges[bin - 1] == Math.nextDown(edges[bin]);
    }

    /** The bin of a value that is not NaN. */
    public int indexOf(double x) {
        int cell = cell(x);
        int low = first[cell];
        int high = first[cell + 1];
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (edges[middle] < x) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Adds the bins of finite values to the counts. */
    void count(double[] values, int from, int to, long[] counts) {
        for (int i = from; i < to; i++) {
            counts[indexOf(values[i])]++;
        }
    }

    /** Monotone in x, and the same for an edge and the values of its cell, so that the search in a cell sees all edges that matter. */
    private int cell(double x) {
        double position = (x - origin) * scale;
        return position <= 0 ? 0 : position >= CELLS ? CELLS : (int) position;
    }
}
