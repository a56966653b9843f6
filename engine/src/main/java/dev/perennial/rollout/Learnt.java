package dev.perennial.rollout;

import dev.perennial.gates.Evaluation;
import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.gates.Evaluation.Paired;
import dev.perennial.gates.Evaluation.Scores;
import dev.perennial.statistics.DesignEffect;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the gate's days taught about rows of one day: a rollout has too few days to learn it from its own.
 *
 * @param rho correlation of two rows of a day, for paired loss differences
 * @param sd standard deviation of one paired row difference
 * @param scoreRho the same correlation for the candidate's scores against the champion's
 * @param days how many days taught it
 */
public record Learnt(double rho, double sd, double scoreRho, int days) {
    /** Days seldom vary less than this, and a fortnight can miss it. */
    static final double RHO_MIN = 0.02;

    /** The same for scores: a front or a new season moves two models apart for days as no gate's fortnight may have shown. */
    static final double SCORE_RHO_MIN = 0.035;

    /**
     * A variance between 14 days is known to within a third; its estimate is raised to what it reaches in four of five samples (chi-square
     * with 13 degrees of freedom: 13 / 8.63).
     */
    static final double CAUTION = 1.5;

    private static final int DAYS_MIN = 8;

    /** For a candidate whose gate had too few days to teach anything. */
    public static final Learnt NOTHING = new Learnt(0.1, 0, 0.1, 0);

    /** From the evaluation that the gate judged; days under the coverage floor and withheld ones teach nothing. */
    public static Learnt from(Evaluation evaluation, double labelCoverage, String harmMetric) {
        Set<String> withheld = new HashSet<>();
        evaluation.withheld().forEach(day -> withheld.add(day.day()));
        List<Cluster> days = new ArrayList<>();
        List<Paired> paired = new ArrayList<>();
        for (Cluster day : evaluation.clusters()) {
            Paired against = day.againstChampion();
            boolean covered = day.labelled() > 0 && day.labelled() >= labelCoverage * day.rows();
            if (against != null && covered && !withheld.contains(day.key())) {
                days.add(day);
                paired.add(against);
            }
        }
        if (days.size() < DAYS_MIN) {
            return NOTHING;
        }
        HarmMetric metric = HarmMetric.of(harmMetric);
        double[] sums = paired.stream().mapToDouble(metric::sum).toArray();
        double[] squares = paired.stream().mapToDouble(metric::squares).toArray();
        long[] rows = days.stream().mapToLong(Cluster::labelled).toArray();
        DesignEffect effect = DesignEffect.of(sums, squares, rows);
        double sum = 0;
        double square = 0;
        double total = 0;
        for (int i = 0; i < sums.length; i++) {
            sum += sums[i];
            square += squares[i];
            total += rows[i];
        }
        double sd = Math.sqrt(Math.max(0, square / total - sum / total * sum / total));
        return new Learnt(cautious(effect.deff(), effect.meanClusterSize(), RHO_MIN), sd, scoreRho(days), days.size());
    }

    /** Correlation that a cautious reading of a variance ratio gives. */
    private static double cautious(double ratio, double size, double floor) {
        return Math.max(floor, DesignEffect.ofRatio(ratio * CAUTION, size).rho());
    }

    /**
     * By how much the shares of the champion's deciles swing from day to day, over what two independent samples of rows would show; to
     * first order the noise in a PSI is the sum over bins of that swing over the bin's share.
     */
    private static double scoreRho(List<Cluster> days) {
        ScoreBins whole = new ScoreBins();
        List<ScoreBins> each = new ArrayList<>();
        for (Cluster day : days) {
            Scores champion = day.champion();
            if (champion != null) {
                ScoreBins one = new ScoreBins();
                for (ScoreBins bins : List.of(whole, one)) {
                    bins.add(day.candidate().positiveBins(), champion.positiveBins());
                    bins.add(day.candidate().negativeBins(), champion.negativeBins());
                }
                each.add(one);
            }
        }
        int bins = whole.bins();
        int[] edges = whole.edges(bins);
        double[] p = whole.championShares(edges, bins);
        double[] q = whole.candidateShares(edges, bins);
        double noise = 0;
        for (ScoreBins day : each) {
            double[] dayP = day.championShares(edges, bins);
            double[] dayQ = day.candidateShares(edges, bins);
            for (int b = 0; b < bins; b++) {
                double swing = dayQ[b] - dayP[b] - q[b] + p[b];
                noise += p[b] > 0 ? day.rows() * swing * swing / p[b] : 0;
            }
        }
        double ratio = noise / (each.size() - 1) / (2.0 * (bins - 1));
        return cautious(ratio, (double) whole.rows() / each.size(), SCORE_RHO_MIN);
    }
}
