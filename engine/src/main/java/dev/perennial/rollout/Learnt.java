package dev.perennial.rollout;

import dev.perennial.gates.Evaluation;
import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.gates.Evaluation.Paired;
import dev.perennial.gates.Evaluation.Scores;
import dev.perennial.rollout.RolloutEvidence.Comparison;
import dev.perennial.rollout.Spread.Halves;
import dev.perennial.statistics.DesignEffect;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What earlier days taught about rows of one cluster: a rollout has too few days to learn it from its own. Where there are outcomes these
 * are the gate's days, else days of the champion before the rollout. Variances between days are raised by {@link DesignEffect#caution}.
 *
 * @param rho correlation of two rows of a day, for paired loss differences
 * @param sd standard deviation of one paired row difference
 * @param scoreRho the same correlation for the candidate's scores against the champion's
 * @param days how many days taught it
 * @param errors swing of the share of failed calls between two halves of the champion's callers; null where it was not learnt
 * @param latency the same for the logarithm of the time that a row takes
 */
public record Learnt(
        double rho,
        double sd,
        double scoreRho,
        int days,
        @Nullable Spread errors,
        @Nullable Spread latency) {
    /** Days seldom vary less than this, and a fortnight can miss it. */
    static final double RHO_MIN = 0.02;

    /** The same for scores: a front or a new season moves two models apart for days as no gate's fortnight may have shown. */
    static final double SCORE_RHO_MIN = 0.035;

    /** For a candidate whose gate had too few days to teach anything: no guard can be computed. */
    public static final Learnt NOTHING = new Learnt(0, 0, 0, 0);

    /** What outcomes teach. */
    public Learnt(double rho, double sd, double scoreRho, int days) {
        this(rho, sd, scoreRho, days, null, null);
    }

    /**
     * One day before a rollout of an endpoint without labels.
     *
     * @param scores candidate and champion on the same rows
     * @param errors failed calls (0 or 1 a row) of two halves of the champion's callers
     * @param latency logarithms of their microseconds
     */
    public record EarlierDay(Comparison scores, Halves errors, Halves latency) {}

    /** The same with the swing of times, which a gate cannot show. */
    public Learnt with(@Nullable Spread times) {
        return new Learnt(rho, sd, scoreRho, days, errors, times);
    }

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
        if (days.size() < GuardBook.DAYS_MIN) {
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
        double rho = DesignEffect.ofRatio(effect.deff() * DesignEffect.caution(days.size()), effect.meanClusterSize())
                .rho();
        double scores = scoreRho(days.stream().map(Learnt::bins).toList(), 1);
        return new Learnt(Math.max(RHO_MIN, rho), sd, Math.max(SCORE_RHO_MIN, scores), days.size());
    }

    /**
     * From days of the champion before the rollout, for an endpoint without labels.
     *
     * @param clustersPerDay blocks of a day; 1 where days are the clusters
     */
    public static Learnt from(List<EarlierDay> days, double clustersPerDay) {
        List<ScoreBins> bins = days.stream()
                .map(EarlierDay::scores)
                .filter(scores -> scores.rows() > 0)
                .map(scores -> {
                    ScoreBins day = new ScoreBins();
                    day.add(scores.candidateBins(), scores.championBins());
                    return day;
                })
                .toList();
        if (bins.size() < GuardBook.DAYS_MIN) {
            return NOTHING;
        }
        return new Learnt(
                0,
                0,
                scoreRho(bins, clustersPerDay),
                bins.size(),
                Spread.of(days.stream().map(EarlierDay::errors).toList(), clustersPerDay),
                Spread.of(days.stream().map(EarlierDay::latency).toList(), clustersPerDay));
    }

    /**
     * How failed calls swing. A gate sees none, so with outcomes its rows are taken to fail together as much as they err or differ together.
     */
    @Nullable
    Spread errorSpread(boolean labels) {
        return errors != null || !labels ? errors : new Spread(Math.max(rho, scoreRho), 0, days);
    }

    private static ScoreBins bins(Cluster day) {
        ScoreBins bins = new ScoreBins();
        Scores champion = day.champion();
        if (champion != null) {
            bins.add(day.candidate().positiveBins(), champion.positiveBins());
            bins.add(day.candidate().negativeBins(), champion.negativeBins());
        }
        return bins;
    }

    /**
     * By how much the shares of the champion's deciles swing from day to day, over what two independent samples of rows would show; to
     * first order the noise in a PSI is the sum over bins of that swing over the bin's share.
     */
    private static double scoreRho(List<ScoreBins> days, double clustersPerDay) {
        List<ScoreBins> each = days.stream().filter(day -> day.rows() > 0).toList();
        if (each.size() < 2) {
            return 0;
        }
        ScoreBins whole = new ScoreBins();
        each.forEach(whole::add);
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
        double size = (double) whole.rows() / each.size() / clustersPerDay;
        return Spread.correlation(ratio * DesignEffect.caution(each.size()), size);
    }
}
