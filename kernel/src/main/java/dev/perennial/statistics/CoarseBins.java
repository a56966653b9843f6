package dev.perennial.statistics;

import java.util.Arrays;

/**
 * A coarser view of counts: which group each fine bin or category belongs to. Groups are chosen from the reference alone, so that a score's
 * law is known; the number of groups follows from how many effective rows there are to fill them.
 */
public final class CoarseBins {
    /** Most groups a decision uses. */
    public static final int GROUPS_MAX = 20;

    /** Effective rows that an equal-mass group must expect. */
    public static final int ROWS_PER_GROUP = 20;

    /** Effective rows that a category must expect to stand alone. */
    public static final int ROWS_PER_CATEGORY = 5;

    private static final int UNSEEN = -1;

    private final int[] groupOf;
    private final int groups;

    private CoarseBins(int[] groupOf, int groups) {
        this.groupOf = groupOf;
        this.groups = groups;
    }

    /** clamp(floor(rows / 20), 2, 20). */
    public static int groupsFor(double effectiveRows) {
        return (int) Math.max(2, Math.min(GROUPS_MAX, Math.floor(effectiveRows / ROWS_PER_GROUP)));
    }

    /**
     * Groups of adjacent bins with about equal reference mass; a bin that alone holds at least 1/groups stays alone, and the stretches
     * between such bins share the other groups by their mass. Stretches between them that the reference never filled are one group: unseen.
     */
    public static CoarseBins adjacent(long[] reference, int groups) {
        double total = Arrays.stream(reference).sum();
        boolean[] alone = new boolean[reference.length];
        int heavy = 0;
        double light = 0;
        for (int i = 0; i < reference.length; i++) {
            alone[i] = reference[i] > 0 && reference[i] * (double) groups >= total;
            heavy += alone[i] ? 1 : 0;
            light += alone[i] ? 0 : reference[i];
        }
        int shared = Math.max(1, groups - heavy);
        int[] groupOf = new int[reference.length];
        int used = 0;
        for (int from = 0; from < reference.length; ) {
            int to = from + 1;
            double mass = reference[from];
            while (!alone[from] && to < reference.length && !alone[to]) {
                mass += reference[to++];
            }
            if (mass == 0) {
                Arrays.fill(groupOf, from, to, UNSEEN);
            } else {
                int parts = alone[from] ? 1 : (int) Math.max(1, Math.round(shared * mass / light));
                // A stretch of next to no mass is no group of its own: it would expect no rows.
                boolean joins = !alone[from] && mass * 4 * groups < total && used > 0;
                used = fill(reference, from, to, mass, parts, joins ? used - 1 : used, groupOf);
            }
            from = to;
        }
        return withOther(groupOf, used);
    }

    /** Gives what is marked as unseen the last group, when there is any. */
    private static CoarseBins withOther(int[] groupOf, int used) {
        boolean any = false;
        for (int i = 0; i < groupOf.length; i++) {
            if (groupOf[i] == UNSEEN) {
                groupOf[i] = used;
                any = true;
            }
        }
        return new CoarseBins(groupOf, any ? used + 1 : used);
    }

    /** Splits a stretch at the edges nearest to equal mass; returns the next free group. */
    private static int fill(long[] reference, int from, int to, double mass, int parts, int firstGroup, int[] groupOf) {
        double before = 0;
        int last = 0;
        for (int i = from; i < to; i++) {
            double middle = before + reference[i] / 2.0;
            int part = mass == 0 ? 0 : Math.max(last, Math.min(parts - 1, (int) (middle * parts / mass)));
            last = Math.min(part, last + 1);
            groupOf[i] = firstGroup + last;
            before += reference[i];
        }
        return firstGroup + last + 1;
    }

    /**
     * One group for each category whose share is at least {@code minShare} (the largest {@code groups} - 1 of them), and one for all others.
     * When not even one stands alone, the categories are shared out to two groups of about equal mass.
     */
    public static CoarseBins categories(long[] reference, double minShare, int groups) {
        double total = Arrays.stream(reference).sum();
        double[] descending = new double[reference.length];
        Arrays.setAll(descending, i -> -reference[i]);
        int[] order = Ranks.order(descending);
        int[] groupOf = new int[reference.length];
        int used = 0;
        double before = 0;
        boolean rare = reference.length > 0 && reference[order[0]] < minShare * total;
        for (int category : order) {
            if (rare) {
                groupOf[category] = before * 2 < total ? 0 : 1;
                before += reference[category];
                used = 2;
            } else {
                boolean alone = reference[category] > 0 && reference[category] >= minShare * total && used < groups - 1;
                groupOf[category] = alone ? used++ : UNSEEN;
            }
        }
        return withOther(groupOf, used);
    }

    public int groups() {
        return groups;
    }

    public int groupOf(int bin) {
        return groupOf[bin];
    }

    /** Counts of the groups. */
    public double[] fold(long[] counts) {
        double[] folded = new double[groups];
        for (int i = 0; i < counts.length; i++) {
            folded[groupOf[i]] += counts[i];
        }
        return folded;
    }
}
