package dev.perennial.gates;

import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.gates.Evaluation.Paired;
import dev.perennial.gates.Evaluation.Scores;
import dev.perennial.gates.Evaluation.Withheld;
import dev.perennial.lifecycle.file.Features;
import dev.perennial.lifecycle.file.Gates;
import dev.perennial.lifecycle.file.Gates.Gate;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.Monitor;
import dev.perennial.lifecycle.file.Retrain;
import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.lifecycle.file.Train;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A trial to be judged: days of rows whose outcomes, champion scores and candidate scores are drawn from a seed, with a shift of a whole
 * day in the difference. Everything is summed as a worker would sum it.
 */
public final class Trial {
    public static final long FROM = 1_374_120_000_000L;
    private static final int BASELINE_BINS = 240;

    private int days = 14;
    private int rowsPerDay = 900;
    private double gain = 0.02;
    private double daySpread = 0.01;
    private double rowSpread = 0.2;
    private double candidateAuc = 1.2;
    private double championAuc = 1.1;
    private double coverage = 1;
    private boolean first;
    private Long candidateUntil = FROM;
    private Long championUntil = FROM - 1;
    private final List<Withheld> withheld = new ArrayList<>();
    private final Map<String, Double> sliceGains = new TreeMap<>();
    private int sliceRows = 300;
    private Map<String, Double> cpu = Map.of("candidate", 12.0, "champion", 11.0);

    public Trial days(int count) {
        days = count;
        return this;
    }

    public Trial rowsPerDay(int count) {
        rowsPerDay = count;
        return this;
    }

    /** Log loss that the candidate saves per row; negative for harm. */
    public Trial gain(double value) {
        gain = value;
        return this;
    }

    public Trial daySpread(double value) {
        daySpread = value;
        return this;
    }

    /** Separation of the classes, in standard deviations of the score's logit. */
    public Trial separation(double candidate, double champion) {
        candidateAuc = candidate;
        championAuc = champion;
        return this;
    }

    public Trial coverage(double share) {
        coverage = share;
        return this;
    }

    public Trial firstVersion() {
        first = true;
        return this;
    }

    public Trial candidateUntil(Long at) {
        candidateUntil = at;
        return this;
    }

    public Trial championUntil(Long at) {
        championUntil = at;
        return this;
    }

    public Trial withhold(int day, String reason) {
        withheld.add(new Withheld(key(day), 0.4, reason));
        return this;
    }

    public Trial slice(String value, double sliceGain) {
        sliceGains.put(value, sliceGain);
        return this;
    }

    public Trial sliceRows(int perDay) {
        sliceRows = perDay;
        return this;
    }

    public Trial cpu(Map<String, Double> micros) {
        cpu = micros;
        return this;
    }

    static String key(int day) {
        return LocalDate.of(2013, 7, 18).plusDays(day).toString();
    }

    public Evaluation evaluation() {
        SplittableRandom random = new SplittableRandom(42);
        List<Cluster> clusters = new ArrayList<>();
        double[] shifts = shifts(random);
        for (int day = 0; day < days; day++) {
            clusters.add(cluster(key(day), rowsPerDay, shifts[day] - gain, random));
        }
        Map<String, List<Cluster>> slices = new TreeMap<>();
        sliceGains.forEach((value, sliceGain) -> {
            List<Cluster> of = new ArrayList<>();
            double[] own = shifts(random);
            for (int day = 0; day < days; day++) {
                of.add(cluster(key(day), sliceRows, own[day] - sliceGain, random));
            }
            slices.put(value, of);
        });
        return new Evaluation(
                "c".repeat(64),
                first ? null : "d".repeat(64),
                "e".repeat(64),
                candidateUntil,
                first ? null : championUntil,
                FROM,
                FROM + days * 86_400_000L,
                clusters,
                withheld,
                slices.isEmpty() ? Map.of() : Map.of("origin", slices),
                cpu);
    }

    /** Shifts of days, with exactly the mean 0 and the spread asked for, so that estimates are what a test says. */
    private double[] shifts(SplittableRandom random) {
        double[] shifts = random.doubles(days).map(u -> 2 * u - 1).toArray();
        double mean = Arrays.stream(shifts).average().orElse(0);
        double sd = Math.sqrt(Arrays.stream(shifts)
                .map(x -> (x - mean) * (x - mean))
                .average()
                .orElse(0));
        return Arrays.stream(shifts).map(x -> (x - mean) / sd * daySpread).toArray();
    }

    private Cluster cluster(String key, int rows, double shift, SplittableRandom random) {
        double difference = 0;
        double squares = 0;
        int positives = 0;
        Tally candidate = new Tally();
        Tally champion = new Tally();
        int labelled = (int) Math.round(rows * coverage);
        for (int i = 0; i < labelled; i++) {
            boolean late = random.nextDouble() < 0.25;
            positives += late ? 1 : 0;
            double noise = random.nextGaussian();
            candidate.add(late, noise, candidateAuc);
            champion.add(late, noise, championAuc);
            double row = shift + random.nextGaussian() * rowSpread;
            difference += row;
            squares += row * row;
        }
        Scores old = champion.scores(0.5 * labelled);
        Scores own = candidate.scores(0.5 * labelled + difference);
        Scores base = new Scores(
                0.56 * labelled,
                0.4 * labelled,
                0.19 * labelled,
                0.24 * labelled,
                new int[] {BASELINE_BINS, positives},
                new int[] {BASELINE_BINS, labelled - positives});
        double againstBase = own.logLoss() - base.logLoss();
        return new Cluster(
                key,
                rows,
                labelled,
                positives,
                own,
                first ? null : old,
                base,
                first ? null : new Paired(difference, squares, difference / 3, squares / 9),
                new Paired(
                        againstBase,
                        againstBase * againstBase / labelled + 0.04 * labelled,
                        againstBase / 3,
                        0.01 * labelled));
    }

    /** Scores by class in 1,000 bins. */
    private static final class Tally {
        private final int[] positive = new int[1_000];
        private final int[] negative = new int[1_000];
        private double sum;

        void add(boolean late, double noise, double separation) {
            double logit = -1.2 + noise + (late ? separation : 0);
            double score = 1 / (1 + Math.exp(-logit));
            sum += score;
            (late ? positive : negative)[(int) Math.min(999, score * 1_000)]++;
        }

        Scores scores(double logLoss) {
            return new Scores(logLoss, logLoss, logLoss / 3, sum, pairs(positive), pairs(negative));
        }

        private static int[] pairs(int[] bins) {
            List<Integer> pairs = new ArrayList<>();
            for (int bin = 0; bin < bins.length; bin++) {
                if (bins[bin] > 0) {
                    pairs.add(bin);
                    pairs.add(bins[bin]);
                }
            }
            return pairs.stream().mapToInt(Integer::intValue).toArray();
        }
    }

    static Gate gate(Gates.Kind kind, String metric, Double threshold, String against) {
        return new Gate(kind, metric, threshold, against, 0.95, 0, null);
    }

    static Gate slices(double margin) {
        return new Gate(Gates.Kind.notWorseThan, "log_loss", null, "champion", 0.95, margin, "origin");
    }

    /** The gates of the flight example, without slices. */
    static List<Gate> usual() {
        return List.of(
                gate(Gates.Kind.atLeast, "roc_auc", 0.62, null),
                gate(Gates.Kind.betterThan, "log_loss", null, "baseline"),
                gate(Gates.Kind.betterThan, "log_loss", null, "champion"),
                gate(Gates.Kind.reviewAbove, "roc_auc", 0.05, "champion"),
                gate(Gates.Kind.cost, "cpu_per_row", 50.0, null));
    }

    static LifecycleFile file(List<Gate> gates) {
        return file("day", gates);
    }

    static LifecycleFile file(String cluster, List<Gate> gates) {
        return new LifecycleFile(
                "flight-delay",
                "Late?",
                "flight-operations",
                LifecycleFile.Risk.limited,
                "America/New_York",
                Map.of(),
                new LifecycleFile.Predict("flights", "late", 7_200_000),
                List.of(),
                new Features(List.of(), List.of(), List.of(), List.of()),
                new Train("gradient-boosting", Map.of(), null, null, 1, 0),
                new Gates(14, cluster, 0.8, gates),
                new Rollout(
                        2,
                        List.of(new Rollout.Canary(0.1, 3), new Rollout.Canary(0.5, 1)),
                        new Rollout.StopOn(0.25, "log_loss", 0, 0.01),
                        604_800_000),
                new Monitor(new Monitor.Drift(28, 0.1, 365), new Monitor.Performance(14, "log_loss", 0.03), 1),
                new Retrain(java.time.DayOfWeek.MONDAY, "06:00", List.of("performance"), 432_000_000, 3));
    }

    static GateContext sound() {
        return new GateContext(
                null,
                null,
                new GateContext.DataValidation(17, List.of(), List.of()),
                new GateContext.ServingContract(List.of(), List.of(), List.of()));
    }
}
