package dev.perennial.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * From counts of a reference and of a current window to a verdict on drift: PSI over as many groups as the effective rows can fill, judged
 * by the tolerance test. Effective rows are rows over the design effect, because rows of one day are no independent sample.
 */
public final class DriftTest {
    /** Effective current rows below which nothing is said: two groups that expect ten rows each. */
    public static final double EFFECTIVE_MIN = 20;

    /** Days with values below which nothing is said about clustered rows. */
    public static final int DAYS_MIN = 8;

    private static final int OWN_GROUPS = 10;

    private DriftTest() {}

    /**
     * @param tolerance tolerated PSI of the populations
     * @param alpha error level, after correction for the number of columns
     */
    public record Settings(double tolerance, double alpha) {
        public static final Settings DEFAULT = new Settings(0.1, 0.05);
    }

    /**
     * What was found.
     *
     * @param score PSI over {@code bins} groups; 0 when not judged
     * @param n reference values, {@code m} current values (missing ones not among them)
     * @param nEffective 1 / (1/n + 1/m) over the design effect
     * @param pTol p of the tolerance test, {@code pEqual} of equality, {@code adjusted} is pTol after correction; 1 when not judged
     * @param reason for people; empty when the status says all
     */
    public record Result(
            DriftStatus status,
            double score,
            double tolerance,
            double pTol,
            double pEqual,
            double adjusted,
            long n,
            long m,
            double nEffective,
            double deff,
            int bins,
            String method,
            String reason) {

        static Result unjudged(DriftStatus status, Settings settings, long n, long m, double deff, String reason) {
            return new Result(status, 0, settings.tolerance(), 1, 1, 1, n, m, 0, deff, 0, "psi", reason);
        }

        private Result with(DriftStatus newStatus, double newAdjusted, String newReason) {
            return new Result(
                    newStatus,
                    score,
                    tolerance,
                    pTol,
                    pEqual,
                    newAdjusted,
                    n,
                    m,
                    nEffective,
                    deff,
                    bins,
                    method,
                    newReason);
        }
    }

    /** Whether bins are ordered (neighbours may be merged) or categories (rare ones are pooled). */
    public enum Scale {
        ORDERED,
        CATEGORIES
    }

    /**
     * Judges independent rows of one window; {@link #correct} then takes the number of columns into account.
     *
     * @param reference counts by fine bin or category, {@code current} over the same ones
     */
    public static Result judge(Scale scale, long[] reference, long[] current, Settings settings) {
        long n = Arrays.stream(reference).sum();
        long m = Arrays.stream(current).sum();
        Result empty = judgeEmpty(n, m, settings);
        if (empty != null) {
            return empty;
        }
        if (m < EFFECTIVE_MIN) {
            return tooFew(settings, n, m, m, 1);
        }
        CoarseBins coarse = coarse(scale, reference, m);
        return judged(coarse.fold(reference), coarse.fold(current), settings, 1, new ShareEffect(1, 0, 0, 0));
    }

    /**
     * Judges a window of days, whose rows share causes: the design effect and the degrees of freedom are learnt from how the daily shares
     * vary. Fewer than {@link #DAYS_MIN} days with values give INSUFFICIENT_DATA.
     *
     * @param referenceRowsPerDay mean rows of a day of the reference; NaN when not known, then as in the window
     * @param days counts of each day over the reference's bins or categories
     */
    public static Result judgeDays(
            Scale scale, long[] reference, double referenceRowsPerDay, List<long[]> days, Settings settings) {
        long n = Arrays.stream(reference).sum();
        long[] current = new long[reference.length];
        days.forEach(day -> Arrays.setAll(current, i -> current[i] + day[i]));
        long m = Arrays.stream(current).sum();
        Result empty = judgeEmpty(n, m, settings);
        if (empty != null) {
            return empty;
        }
        long filledDays =
                days.stream().filter(day -> Arrays.stream(day).sum() > 0).count();
        if (filledDays < DAYS_MIN) {
            String reason = filledDays + " days with values; " + DAYS_MIN + " are needed";
            return Result.unjudged(DriftStatus.INSUFFICIENT_DATA, settings, n, m, 1, reason);
        }
        // Groups by the window's own mass show how its days vary wherever it has moved to.
        CoarseBins own = scale == Scale.ORDERED
                ? CoarseBins.adjacent(current, OWN_GROUPS)
                : CoarseBins.categories(current, 0, OWN_GROUPS);
        ShareEffect within = ShareEffect.of(days.stream().map(own::fold).toList());
        double deff = within.dof() > 0 ? within.deff() : within.rowsPerDay();
        if (m / deff < EFFECTIVE_MIN) {
            return onlyValue(reference, current)
                    ? judge(scale, reference, current, settings)
                    : tooFew(settings, n, m, m / deff, deff);
        }
        CoarseBins coarse = coarse(scale, reference, m / deff);
        ShareEffect shares = ShareEffect.of(days.stream().map(coarse::fold).toList());
        ShareEffect used =
                new ShareEffect(Math.max(deff, shares.deff()), shares.dof(), within.rowsPerDay(), within.days());
        double deffReference =
                Double.isNaN(referenceRowsPerDay) ? used.deff() : used.forRowsPerDay(referenceRowsPerDay);
        return judged(coarse.fold(reference), coarse.fold(current), settings, deffReference, used);
    }

    /** A result for a column that cannot be judged for a reason the caller knows. */
    public static Result unjudged(DriftStatus status, Settings settings, long n, long m, String reason) {
        return Result.unjudged(status, settings, n, m, 1, reason);
    }

    private static @Nullable Result judgeEmpty(long n, long m, Settings settings) {
        if (n == 0) {
            return Result.unjudged(DriftStatus.NO_REFERENCE, settings, n, m, 1, "the reference has no values");
        }
        return m > 0 ? null : Result.unjudged(DriftStatus.NOT_APPLICABLE, settings, n, m, 1, "no values in the window");
    }

    private static Result tooFew(Settings settings, long n, long m, double effective, double deff) {
        String reason = String.format(
                Locale.ROOT, "%d values count as %.0f independent ones; %.0f are needed", m, effective, EFFECTIVE_MIN);
        return Result.unjudged(DriftStatus.INSUFFICIENT_DATA, settings, n, m, deff, reason);
    }

    private static boolean onlyValue(long[] reference, long[] current) {
        int filled = 0;
        for (int i = 0; i < reference.length; i++) {
            filled += reference[i] + current[i] > 0 ? 1 : 0;
        }
        return filled == 1;
    }

    private static CoarseBins coarse(Scale scale, long[] reference, double effective) {
        return scale == Scale.ORDERED
                ? CoarseBins.adjacent(reference, CoarseBins.groupsFor(effective))
                : CoarseBins.categories(reference, CoarseBins.ROWS_PER_CATEGORY / effective, CoarseBins.GROUPS_MAX);
    }

    private static Result judged(
            double[] reference, double[] current, Settings settings, double deffReference, ShareEffect effect) {
        double n = BinScores.sum(reference);
        double m = BinScores.sum(current);
        double score = BinScores.psi(reference, current);
        int filled = 0;
        for (int i = 0; i < reference.length; i++) {
            filled += reference[i] + current[i] > 0 ? 1 : 0;
        }
        double dof = effect.dof() > 0 ? Math.min(effect.dof(), filled - 1) : filled - 1;
        double size = ToleranceTest.effectiveSize(n / deffReference, m / effect.deff());
        ToleranceTest.Judgement p = ToleranceTest.judgeWithDof(
                ToleranceTest.Kind.PSI, score, settings.tolerance(), size, dof, settings.alpha());
        DriftStatus status = statusOf(score, p.pTol(), p.pTol(), settings);
        return new Result(
                status,
                score,
                settings.tolerance(),
                p.pTol(),
                p.pEqual(),
                p.pTol(),
                (long) n,
                (long) m,
                size,
                effect.deff(),
                filled,
                "psi",
                "");
    }

    /** Adjusts for the number of judged columns (Benjamini-Hochberg) and sets the final statuses; the order is kept. */
    public static List<Result> correct(List<Result> results, Settings settings) {
        double[] p = results.stream()
                .filter(DriftTest::isJudged)
                .mapToDouble(Result::pTol)
                .toArray();
        double[] adjusted = MultipleTesting.adjust(p, MultipleTesting.Method.BENJAMINI_HOCHBERG);
        List<Result> corrected = new ArrayList<>();
        int i = 0;
        for (Result result : results) {
            if (!isJudged(result)) {
                corrected.add(result);
                continue;
            }
            double q = adjusted[i++];
            DriftStatus status = statusOf(result.score(), result.pTol(), q, settings);
            String reason = status == DriftStatus.WARNING && result.pTol() <= settings.alpha()
                    ? "beyond the tolerance by itself, not after correction for " + p.length + " columns"
                    : result.reason();
            corrected.add(result.with(status, q, reason));
        }
        return List.copyOf(corrected);
    }

    private static boolean isJudged(Result result) {
        return result.bins() > 0;
    }

    private static DriftStatus statusOf(double score, double pTol, double adjusted, Settings settings) {
        if (adjusted <= settings.alpha() && score > settings.tolerance()) {
            return DriftStatus.DRIFT;
        }
        return score > settings.tolerance() || pTol <= settings.alpha() ? DriftStatus.WARNING : DriftStatus.OK;
    }
}
