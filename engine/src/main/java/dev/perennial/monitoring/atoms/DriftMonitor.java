package dev.perennial.monitoring.atoms;

import dev.perennial.statistics.DriftStatus;
import dev.perennial.statistics.DriftTest;
import dev.perennial.statistics.Moments;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Judges each column of a window of days against the reference. Rows of one day share causes, so how many independent rows a window holds
 * is learnt from the variation of its days; the columns of one window are one family of tests.
 */
public final class DriftMonitor {
    private DriftMonitor() {}

    /**
     * @param psi tolerated population stability index
     * @param alpha share of false alarms among alarms
     * @param seasonDays a reference that spans less says so
     */
    public record Settings(double psi, double alpha, int seasonDays) {
        public static Settings of(double psi, int seasonDays) {
            return new Settings(psi, 0.05, seasonDays);
        }
    }

    /**
     * A column's verdict.
     *
     * @param n reference values, {@code m} values of the window, {@code ne} effective size
     * @param days days of the window with values
     * @param shift difference of means in standard deviations of the reference; 0 for categories
     * @param missingShare share of rows without a value, {@code referenceMissingShare} in the reference
     * @param unknownShare share of values that the reference does not have
     * @param seasonUncovered the reference spans less than a season: drift is expected
     * @param reason for people
     */
    public record ColumnVerdict(
            String column,
            DriftStatus status,
            double score,
            double tolerance,
            double pTol,
            double pEqual,
            double adjusted,
            long n,
            long m,
            double ne,
            double deff,
            int bins,
            int days,
            double shift,
            double missingShare,
            double referenceMissingShare,
            double unknownShare,
            boolean seasonUncovered,
            String reason) {}

    /** All columns of the reference by name, and what they say together. */
    public record Verdict(String from, String to, List<ColumnVerdict> columns, boolean seasonUncovered) {
        public Verdict {
            columns = List.copyOf(columns);
        }

        /** Columns whose drift beyond the tolerance is shown, strongest first. */
        public List<ColumnVerdict> drifted() {
            return columns.stream()
                    .filter(column -> column.status() == DriftStatus.DRIFT)
                    .sorted((a, b) -> Double.compare(b.score(), a.score()))
                    .toList();
        }
    }

    /** @param atoms of one or more versions; those of a day add up, those counted against another reference are left out */
    public static Verdict judge(Reference reference, List<ColumnAtom> atoms, Settings settings) {
        Map<String, TreeMap<String, ColumnAtom>> byColumn = new HashMap<>();
        Set<String> otherAnchors = new HashSet<>();
        String from = "";
        String to = "";
        for (ColumnAtom atom : atoms) {
            from = from.isEmpty() || atom.day().compareTo(from) < 0 ? atom.day() : from;
            to = atom.day().compareTo(to) > 0 ? atom.day() : to;
            if (!atom.anchor().equals(reference.snapshot())) {
                otherAnchors.add(atom.column());
                continue;
            }
            byColumn.computeIfAbsent(atom.column(), c -> new TreeMap<>())
                    .merge(atom.day(), atom, DriftMonitor::sameDay);
        }
        DriftTest.Settings test = new DriftTest.Settings(settings.psi(), settings.alpha());
        List<Looked> looked = new ArrayList<>();
        new TreeMap<>(reference.columns()).forEach((name, column) -> {
            List<ColumnAtom> days =
                    List.copyOf(byColumn.getOrDefault(name, new TreeMap<>()).values());
            DriftTest.Result result = days.isEmpty() && otherAnchors.contains(name)
                    ? DriftTest.unjudged(
                            DriftStatus.ERROR,
                            test,
                            column.total(),
                            0,
                            "all values were counted against another reference")
                    : test(column, reference, days, test);
            looked.add(new Looked(column, days, result));
        });
        byColumn.keySet().stream()
                .filter(name -> !reference.profile().columns().containsKey(name))
                .sorted()
                .forEach(name -> looked.add(Looked.withoutReference(
                        name, byColumn.getOrDefault(name, new TreeMap<>()).values(), test)));
        List<DriftTest.Result> results =
                DriftTest.correct(looked.stream().map(Looked::result).toList(), test);
        boolean uncovered = reference.spanDays() > 0 && reference.spanDays() < settings.seasonDays();
        List<ColumnVerdict> columns = new ArrayList<>();
        for (int i = 0; i < looked.size(); i++) {
            columns.add(looked.get(i).verdict(results.get(i), uncovered, reference.spanDays(), settings.seasonDays()));
        }
        return new Verdict(from, to, columns, uncovered);
    }

    /** Atoms of different versions of one model add up for a window of the model. */
    private static ColumnAtom sameDay(ColumnAtom a, ColumnAtom b) {
        return a.merge(b.asOf(a.version()));
    }

    private static DriftTest.Result test(
            Reference.Column column, Reference reference, List<ColumnAtom> days, DriftTest.Settings settings) {
        long n = column.total();
        long m = days.stream().mapToLong(day -> day.rows() - day.missing()).sum();
        if (column.identifier()) {
            return DriftTest.unjudged(
                    DriftStatus.NOT_APPLICABLE,
                    settings,
                    n,
                    m,
                    "almost every row has a value of its own: an identifier");
        }
        List<long[]> counts = new ArrayList<>();
        for (ColumnAtom day : days) {
            long[] current = column.counts(day);
            if (current == null) {
                return DriftTest.unjudged(
                        DriftStatus.ERROR,
                        settings,
                        n,
                        m,
                        "the values of " + day.day() + " were counted against other bins");
            }
            counts.add(current);
        }
        double perDay = reference.days() > 0 ? (double) n / reference.days() : Double.NaN;
        DriftTest.Scale scale = column.numeric() ? DriftTest.Scale.ORDERED : DriftTest.Scale.CATEGORIES;
        return DriftTest.judgeDays(scale, column.counts(), perDay, counts, settings);
    }

    private record Looked(Reference.Column column, List<ColumnAtom> days, DriftTest.Result result) {

        static Looked withoutReference(String name, Iterable<ColumnAtom> atoms, DriftTest.Settings settings) {
            List<ColumnAtom> days = new ArrayList<>();
            atoms.forEach(days::add);
            long m = days.stream().mapToLong(day -> day.rows() - day.missing()).sum();
            Reference.Column none = Reference.Column.none(name);
            return new Looked(
                    none,
                    days,
                    DriftTest.unjudged(
                            DriftStatus.NO_REFERENCE, settings, 0, m, "the reference does not have this column"));
        }

        ColumnVerdict verdict(DriftTest.Result result, boolean uncovered, int span, int season) {
            long rows = days.stream().mapToLong(ColumnAtom::rows).sum();
            long missing = days.stream().mapToLong(ColumnAtom::missing).sum();
            long unknown = days.stream().mapToLong(ColumnAtom::unknown).sum();
            int filled = (int)
                    days.stream().filter(day -> day.rows() > day.missing()).count();
            boolean flagged = uncovered && result.status() == DriftStatus.DRIFT;
            return new ColumnVerdict(
                    column.name(),
                    result.status(),
                    result.score(),
                    result.tolerance(),
                    result.pTol(),
                    result.pEqual(),
                    result.adjusted(),
                    result.n(),
                    result.m(),
                    result.nEffective(),
                    result.deff(),
                    result.bins(),
                    filled,
                    shift(),
                    share(missing, rows),
                    column.missingShare(),
                    share(unknown, rows - missing),
                    flagged,
                    reason(result, flagged, span, season));
        }

        private double shift() {
            Double mean = column.profile().mean();
            Double m2 = column.profile().m2();
            var moments = days.stream()
                    .flatMap(day -> day.numeric() == null
                            ? Stream.empty()
                            : Stream.of(day.numeric().moments()))
                    .reduce(Moments.EMPTY, Moments::merge);
            long values = column.profile().rows() - column.profile().missing();
            if (mean == null || m2 == null || moments.count() == 0 || values == 0 || m2 <= 0) {
                return 0;
            }
            return (moments.mean() - mean) / Math.sqrt(m2 / values);
        }

        private static String reason(DriftTest.Result result, boolean uncovered, int span, int season) {
            if (!result.reason().isEmpty()) {
                return result.reason();
            }
            String numbers = String.format(
                    Locale.ROOT,
                    "PSI %.2f over %d groups, tolerance %.2f; %d values count as %.0f independent ones",
                    result.score(),
                    result.bins(),
                    result.tolerance(),
                    result.m(),
                    result.m() / result.deff());
            String text = switch (result.status()) {
                case DRIFT -> "drift beyond the tolerance is shown: " + numbers;
                case WARNING -> "above the tolerance, but chance may explain it: " + numbers;
                default -> numbers;
            };
            return uncovered ? text + "; the reference spans " + span + " of " + season + " days of a season" : text;
        }

        private static double share(long part, long whole) {
            return whole == 0 ? 0 : (double) part / whole;
        }
    }
}
