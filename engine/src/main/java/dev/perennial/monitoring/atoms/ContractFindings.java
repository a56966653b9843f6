package dev.perennial.monitoring.atoms;

import dev.perennial.monitoring.atoms.ContractFinding.Kind;
import dev.perennial.monitoring.atoms.ContractFinding.Severity;
import dev.perennial.statistics.Proportions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Findings of one closed day: what its rows and feeds break of the contract, and what is missing against the reference. Rates are judged
 * with numerator and denominator, so one missing value of fifty says nothing while a column that was never missing speaks soon. Where the
 * contract says which share may be missing, that alone decides; a column without any value is always loud.
 */
public final class ContractFindings {
    /** More missing than in the reference by this share is loud. */
    static final double MISSING_POINTS = 0.05;

    /** Unknown categories are loud when chance hardly brings so many at this share of rows. */
    static final double UNKNOWN_SHARE = 0.01;

    /** Correlation of rows of one day that the missing-share test assumes. */
    static final double CORRELATION = 0.035;

    private static final double ALPHA = 0.01;
    private static final long MISSING_ROWS_MIN = 3;
    private static final double MISSING_FLOOR = 0.001;

    private ContractFindings() {}

    /**
     * How one feed stood on one day.
     *
     * @param stalestMillis the greatest age that its newest row reached during the day; null when not measured
     * @param limitMillis allowed age; null when the contract has none
     * @param rows rows that came for the day; null when not counted
     * @param minRows least rows; null when the contract has none
     */
    public record Feed(
            String source,
            String day,
            @Nullable Long stalestMillis,
            @Nullable Long limitMillis,
            @Nullable Long rows,
            @Nullable Long minRows) {}

    /**
     * @param atoms of this day, of all versions that served
     * @param served rows served on the day; 0 is always a finding
     */
    public static List<ContractFinding> of(
            String day, Reference reference, ServedRules rules, List<ColumnAtom> atoms, List<Feed> feeds, long served) {
        List<ContractFinding> findings = new ArrayList<>();
        for (Feed feed : feeds) {
            freshness(feed, findings);
            volume(feed, findings);
        }
        if (served == 0) {
            findings.add(new ContractFinding(
                    Kind.VOLUME, null, null, day, Severity.CRITICAL, 0, 0, "nothing was predicted on " + day));
            return findings;
        }
        Map<String, Reference.Column> columns = reference.columns();
        Map<String, ColumnAtom> byColumn = new TreeMap<>();
        for (ColumnAtom atom : atoms) {
            if (!atom.anchor().equals(reference.snapshot())) {
                continue;
            }
            ColumnAtom same = byColumn.get(atom.column());
            byColumn.put(atom.column(), same == null ? atom : same.merge(atom.asOf(same.version())));
        }
        byColumn.forEach((name, atom) -> {
            Reference.Column column = columns.get(name);
            ServedRules.Rule rule = rules.rules().get(name);
            String source = rules.sources().get(name);
            if (column != null) {
                missing(atom, column, rule, source, findings);
            }
            outside(atom, rule, source, findings);
            unknown(atom, rule, source, findings);
        });
        return List.copyOf(findings);
    }

    private static void freshness(Feed feed, List<ContractFinding> findings) {
        Long stalest = feed.stalestMillis();
        Long limit = feed.limitMillis();
        if (stalest != null && limit != null && stalest > limit) {
            findings.add(new ContractFinding(
                    Kind.FRESHNESS,
                    feed.source(),
                    null,
                    feed.day(),
                    Severity.CRITICAL,
                    0,
                    0,
                    feed.source() + ": the newest row was " + hours(stalest) + " old, allowed are " + hours(limit)));
        }
    }

    private static void volume(Feed feed, List<ContractFinding> findings) {
        Long rows = feed.rows();
        Long least = feed.minRows();
        if (rows != null && least != null && rows < least) {
            findings.add(new ContractFinding(
                    Kind.VOLUME,
                    feed.source(),
                    null,
                    feed.day(),
                    rows == 0 ? Severity.CRITICAL : Severity.WARNING,
                    rows,
                    least,
                    feed.source() + ": " + rows + " rows, at least " + least + " are expected"));
        }
    }

    private static void missing(
            ColumnAtom atom,
            Reference.Column column,
            ServedRules.@Nullable Rule rule,
            @Nullable String source,
            List<ContractFinding> findings) {
        long rows = atom.rows();
        long missing = atom.missing();
        if (missing == 0 || rows == 0) {
            return;
        }
        double before = column.missingShare();
        double share = atom.missingShare();
        Double allowed = rule == null ? null : rule.maxMissingShare();
        String numbers = String.format(
                Locale.ROOT,
                "%s: %d of %d values missing (%.1f %%; in the reference %.1f %%)",
                atom.column(),
                missing,
                rows,
                100 * share,
                100 * before);
        Kind kind = missing == rows && before < 0.5 ? Kind.COLUMN_MISSING : Kind.MISSING_SHARE;
        Severity severity = null;
        if (kind == Kind.COLUMN_MISSING) {
            severity = Severity.CRITICAL;
        } else if (rule != null && rule.required()) {
            severity = share > UNKNOWN_SHARE ? Severity.WARNING : Severity.INFO;
        } else if (allowed != null) {
            severity = share > allowed ? Severity.WARNING : null;
        } else if (share - before >= MISSING_POINTS && differs(missing, rows, column)) {
            severity = Severity.WARNING;
        } else if (before == 0 && share > MISSING_FLOOR && missing >= MISSING_ROWS_MIN) {
            severity = Severity.INFO;
        }
        if (severity != null) {
            findings.add(
                    new ContractFinding(kind, source, atom.column(), atom.day(), severity, missing, rows, numbers));
        }
    }

    /** Rows of a day are no independent sample, so both sides count as fewer. */
    private static boolean differs(long missing, long rows, Reference.Column column) {
        double deff = 1 + (rows - 1) * CORRELATION;
        long referenceRows = column.profile().rows();
        return Proportions.difference(
                                missing / deff, rows / deff, column.profile().missing() / deff, referenceRows / deff)
                        .p()
                <= ALPHA;
    }

    private static void outside(
            ColumnAtom atom, ServedRules.@Nullable Rule rule, @Nullable String source, List<ContractFinding> findings) {
        if (rule == null || atom.outside() == 0) {
            return;
        }
        String expected = rule.oneOf() != null
                ? "one of " + rule.oneOf()
                : (rule.min() == null ? "" : "at least " + rule.min() + " ")
                        + (rule.max() == null ? "" : "at most " + rule.max());
        findings.add(new ContractFinding(
                Kind.OUT_OF_RANGE,
                source,
                atom.column(),
                atom.day(),
                Severity.WARNING,
                atom.outside(),
                atom.rows(),
                atom.column() + ": " + atom.outside() + " of " + atom.rows() + " values break the contract of "
                        + rule.target() + " (" + expected.trim() + ")"));
    }

    private static void unknown(
            ColumnAtom atom, ServedRules.@Nullable Rule rule, @Nullable String source, List<ContractFinding> findings) {
        if (atom.unknown() == 0) {
            return;
        }
        boolean loud = Proportions.atLeast(atom.unknown(), atom.rows(), UNKNOWN_SHARE) <= ALPHA;
        boolean declared = rule != null && rule.knownValues();
        findings.add(new ContractFinding(
                Kind.UNKNOWN_CATEGORY,
                source,
                atom.column(),
                atom.day(),
                loud && declared ? Severity.WARNING : Severity.INFO,
                atom.unknown(),
                atom.rows(),
                String.format(
                        Locale.ROOT,
                        "%s: %d of %d values (%.1f %%) are not in the reference",
                        atom.column(),
                        atom.unknown(),
                        atom.rows(),
                        100.0 * atom.unknown() / atom.rows())));
    }

    private static String hours(long millis) {
        return String.format(Locale.ROOT, "%.1f h", millis / 3_600_000.0);
    }
}
