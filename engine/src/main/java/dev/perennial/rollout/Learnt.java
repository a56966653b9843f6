package dev.perennial.rollout;

import dev.perennial.gates.Evaluation;
import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.gates.Evaluation.Paired;
import dev.perennial.rollout.RolloutEvidence.Day;
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
 * @param scoreFloor what {@code scoreRho} is taken for at least while too few clusters of the rollout itself show how far two versions swing
 *     apart on the same rows, which the champion alone cannot; null where the candidate's own scores taught it
 */
public record Learnt(
        double rho,
        double sd,
        double scoreRho,
        int days,
        @Nullable Spread errors,
        @Nullable Spread latency,
        @Nullable Double scoreFloor) {
    /** Days seldom vary less than this, and a fortnight can miss it. */
    static final double RHO_MIN = 0.02;

    /** The same for scores: a front or a new season moves two models apart for days as no gate's fortnight may have shown. */
    static final double SCORE_RHO_MIN = 0.035;

    /** A period with so many times fewer calls than the busiest one says too little about it. */
    private static final double QUIET = 10;

    /** For a candidate whose gate had too few days to teach anything: no guard can be computed. */
    public static final Learnt NOTHING = new Learnt(0, 0, 0, 0);

    /** What outcomes teach. */
    public Learnt(double rho, double sd, double scoreRho, int days) {
        this(rho, sd, scoreRho, days, null, null);
    }

    /** What earlier days of candidate and champion teach. */
    public Learnt(double rho, double sd, double scoreRho, int days, @Nullable Spread errors, @Nullable Spread latency) {
        this(rho, sd, scoreRho, days, errors, latency, null);
    }

    /**
     * One stretch of time before a rollout of an endpoint without labels, as long as the rollout will be: two halves of the champion's callers,
     * drawn as candidate and control are.
     *
     * @param first scores of one half in 1,000 bins, as {@code bin, count} pairs
     * @param second scores of the other
     * @param errors failed calls (0 or 1 a row)
     * @param latency logarithms of their microseconds
     */
    public record EarlierPeriod(int[] first, int[] second, Halves errors, Halves latency) {
        boolean scored() {
            return rows(first) > 1 && rows(second) > 1;
        }

        /** Rows of a half; of unequal halves what each of two equal ones would have to tell as much. */
        private double size() {
            return 2 / (1.0 / rows(first) + 1.0 / rows(second));
        }

        private static long rows(int[] pairs) {
            long rows = 0;
            for (int i = 1; i < pairs.length; i += 2) {
                rows += pairs[i];
            }
            return rows;
        }
    }

    /** The same with the swing of times, which a gate cannot show. */
    public Learnt with(@Nullable Spread times) {
        return new Learnt(rho, sd, scoreRho, days, errors, times, scoreFloor);
    }

    /**
     * The same with the swing of times, from earlier days of two halves of the champion's callers.
     *
     * @param earlier logarithms of microseconds, a pair for each day
     */
    public Learnt timed(List<Halves> earlier) {
        return with(Spread.of(earlier, 1));
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
        double scores = scoreRho(days.stream().map(ScorePairs::of).toList());
        return new Learnt(Math.max(RHO_MIN, rho), sd, Math.max(SCORE_RHO_MIN, scores), days.size());
    }

    /**
     * From the champion's own callers before the rollout: what two halves of them differ by is what any comparison of two groups differs by
     * when the model is the same. How far two versions that are equally good move apart on the same rows the halves cannot show: the rollout's
     * own blocks do, and until there are 8 of them {@link #SCORE_RHO_MIN} of a whole period stands in. With fewer than 8 usable periods the guards cannot be computed.
     *
     * @param all periods, of which those with less than a tenth of the calls of the busiest teach nothing
     * @param blocksPerPeriod blocks of a period
     */
    public static Learnt fromHalves(List<EarlierPeriod> all, double blocksPerPeriod) {
        List<EarlierPeriod> periods = telling(all);
        List<EarlierPeriod> scored =
                periods.stream().filter(EarlierPeriod::scored).toList();
        Spread errors = Spread.of(periods.stream().map(EarlierPeriod::errors).toList(), blocksPerPeriod);
        Spread latency = Spread.of(periods.stream().map(EarlierPeriod::latency).toList(), blocksPerPeriod);
        double rho = scored.size() < 2 ? 0 : halvesRho(scored, blocksPerPeriod); // one period shows no variance
        if (errors.sd() == 0) { // a champion that never failed does not show how failures come together
            errors = new Spread(Math.max(rho, latency.rho()), 0, errors.days());
        }
        int days = scored.isEmpty() ? errors.days() : scored.size();
        double period =
                scored.stream().mapToDouble(EarlierPeriod::size).average().orElse(0);
        double floor = Spread.correlation(1 + Math.max(0, period - 1) * SCORE_RHO_MIN, period / blocksPerPeriod);
        return new Learnt(0, 0, rho, days, errors, latency, floor);
    }

    private static List<EarlierPeriod> telling(List<EarlierPeriod> all) {
        double busiest =
                all.stream().mapToDouble(period -> period.errors().size()).max().orElse(0);
        return all.stream()
                .filter(period -> period.errors().size() >= busiest / QUIET)
                .toList();
    }

    /** Whether enough was learnt for every guard. */
    public boolean enough() {
        return days >= GuardBook.DAYS_MIN
                && errors != null
                && errors.days() >= GuardBook.DAYS_MIN
                && latency != null
                && latency.days() >= GuardBook.DAYS_MIN;
    }

    /** Swing of the shares of the score's deciles between two halves, over what independent rows would show; as a correlation of a block. */
    private static double halvesRho(List<EarlierPeriod> periods, double blocksPerPeriod) {
        ScoreBins whole = new ScoreBins();
        periods.forEach(period -> whole.add(period.first(), period.second()));
        int bins = whole.bins();
        int[] edges = whole.edges(bins);
        double[] p = whole.championShares(edges, bins);
        double noise = 0;
        double rows = 0;
        for (EarlierPeriod period : periods) {
            double[] first = ScoreBins.shares(period.first(), edges, bins);
            double[] second = ScoreBins.shares(period.second(), edges, bins);
            double n = period.size();
            for (int b = 0; b < bins; b++) {
                double swing = first[b] - second[b];
                noise += p[b] > 0 ? n / 2 * swing * swing / p[b] : 0;
            }
            rows += n;
        }
        double ratio = noise / periods.size() / (bins - 1);
        return Spread.correlation(
                ratio * DesignEffect.caution(periods.size()), rows / periods.size() / blocksPerPeriod);
    }

    /**
     * How failed calls swing. A gate sees none, so with outcomes its rows are taken to fail together as much as they err or differ together.
     */
    @Nullable
    Spread errorSpread(boolean labels) {
        return errors != null || !labels ? errors : new Spread(Math.max(rho, scoreRho), 0, days);
    }

    /** The correlation of a cluster's rows by which a look at these clusters of the rollout judges scores. */
    double rhoOfScores(List<Day> clusters) {
        if (scoreFloor == null) {
            return scoreRho;
        }
        List<ScorePairs> scored = clusters.stream()
                .map(Day::comparison)
                .filter(comparison -> comparison.rows() > 0)
                .map(ScorePairs::of)
                .toList();
        return Math.max(scoreRho, scored.size() < GuardBook.DAYS_MIN ? scoreFloor : scoreRho(scored));
    }

    /**
     * By how much the shares of the champion's deciles swing from day to day, over what two independent samples of rows would show; to
     * first order the noise in a PSI is the sum over bins of that swing over the bin's share.
     */
    private static double scoreRho(List<ScorePairs> days) {
        List<ScorePairs> each = days.stream().filter(day -> day.rows() > 0).toList();
        if (each.size() < 2) {
            return 0;
        }
        ScoreBins whole = new ScoreBins();
        each.forEach(day -> whole.add(day.candidate(), day.champion()));
        int bins = whole.bins();
        int[] edges = whole.edges(bins);
        double[] p = whole.championShares(edges, bins);
        double[] q = whole.candidateShares(edges, bins);
        double noise = 0;
        for (ScorePairs day : each) {
            double[] dayP = ScoreBins.shares(day.champion(), edges, bins);
            double[] dayQ = ScoreBins.shares(day.candidate(), edges, bins);
            for (int b = 0; b < bins; b++) {
                double swing = dayQ[b] - dayP[b] - q[b] + p[b];
                noise += p[b] > 0 ? day.rows() * swing * swing / p[b] : 0;
            }
        }
        double ratio = noise / (each.size() - 1) / (2.0 * (bins - 1));
        double size = (double) whole.rows() / each.size();
        return Spread.correlation(ratio * DesignEffect.caution(each.size()), size);
    }
}
