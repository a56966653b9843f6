package dev.perennial.bench;

import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Page;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.tracking.Batch;
import dev.perennial.tracking.HistoryPage;
import dev.perennial.tracking.Metric;
import dev.perennial.tracking.RunStatus;
import dev.perennial.tracking.TrackedRun;
import dev.perennial.tracking.TrackingRuns;
import dev.perennial.tracking.TrainingRun;
import dev.perennial.tracking.View;
import dev.perennial.tracking.search.SearchRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Searches among 100,000 runs of one experiment, each with three parameters, three metrics and two tags: what a page of 100 runs takes,
 * beside reading the rows of 100 runs whose numbers are known. And the history of a metric with a million points in pages of 25,000,
 * beside one plain pass over its rows. With {@code --short} a tenth of both.
 */
public final class SearchBench {
    private static final int RUNS = 100_000;
    private static final int POINTS = 1_000_000;
    private static final int SHORTER = 10;
    private static final int CHUNK = 1000;
    private static final int PAGE = 100;
    private static final int HISTORY_PAGE = 25_000;
    private static final int ROUNDS = 15;
    private static final int LIMIT_MS = 50;
    private static final long START = 1_700_000_000_000L;

    private static final List<String[]> SEARCHES = List.of(
            new String[] {"", ""},
            new String[] {"", "metrics.acc DESC"},
            new String[] {"metrics.acc > 0.9", "metrics.acc DESC"},
            new String[] {"params.rate = '0.7'", "metrics.acc DESC"},
            new String[] {"params.seed = '4711'", ""},
            new String[] {"tags.team = 'rare'", "metrics.loss ASC"},
            new String[] {"status = 'FAILED' AND metrics.loss < 0.5", ""},
            new String[] {"params.depth LIKE '1%' AND tags.team != 'rare' AND metrics.acc >= 0.5", "start_time ASC"});

    private final Store store;
    private final TrackingRuns tracking;
    private final List<Long> experiment = new ArrayList<>();

    private SearchBench(Store store, TrackingRuns tracking) {
        this.store = store;
        this.tracking = tracking;
    }

    public static void main(String[] arguments) throws IOException {
        int part = Arrays.asList(arguments).contains("--short") ? SHORTER : 1;
        Path folder = Files.createTempDirectory("perennial-search");
        SecureRandom random = new SecureRandom();
        Ids ids = new Ids(InstantSource.system(), random);
        try (Store store =
                Store.open(StoreSettings.local(folder.resolve("data")), InstantSource.system(), ids, random)) {
            SearchBench bench = new SearchBench(
                    store, new TrackingRuns(store.database(), store.blobs(), InstantSource.system(), ids));
            bench.searches(RUNS / part);
            bench.history(POINTS / part);
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private void searches(int runs) {
        fill(runs);
        double bare = median(this::readKnownRuns);
        Table table = new Table(
                "search among " + runs + " runs, pages of " + PAGE, "order", "median ms", "reading known runs, ms");
        double worst = 0;
        for (String[] search : SEARCHES) {
            double millis = median(() -> page(search[0], search[1]));
            table.row("`" + search[0] + "`", "`" + search[1] + "`", Figure.number(millis), Figure.number(bare));
            worst = search == SEARCHES.getLast() ? worst : Math.max(worst, millis);
        }
        table.print();
        Figure.of(
                        "slowest common search for 100 of " + runs + " runs",
                        "ms",
                        worst,
                        "reading 100 known runs",
                        bare,
                        "<= " + LIMIT_MS + " ms",
                        worst <= LIMIT_MS)
                .tell();
    }

    private void fill(int runs) {
        SplittableRandom random = new SplittableRandom(1);
        for (int from = 0; from < runs; from += CHUNK) {
            int first = from;
            store.database().writing(tx -> {
                for (int i = first; i < first + CHUNK; i++) {
                    tracking.record(tx, "run-" + i, "bench", training(i, random));
                }
            });
        }
        experiment.add(tracking.experiments().find("bench").orElseThrow().id());
        page("", "metrics.acc DESC");
    }

    private static TrainingRun training(int i, SplittableRandom random) {
        return new TrainingRun(
                "run-" + i,
                Map.of("rate", "0." + i % 50, "depth", String.valueOf(i % 12), "seed", String.valueOf(i)),
                Map.of("acc", random.nextDouble(), "loss", random.nextDouble(), "auc", random.nextDouble()),
                Map.of(),
                Map.of("team", i % 100 == 0 ? "rare" : "common"),
                i % 3 == 0 ? RunStatus.FAILED : RunStatus.FINISHED,
                START + i * 1000L,
                START + i * 1000L + 500);
    }

    private Page<TrackedRun> page(String filter, String order) {
        return tracking.search(
                new SearchRequest(filter, order.isEmpty() ? List.of() : List.of(order), View.ACTIVE_ONLY, PAGE, null),
                experiment);
    }

    private long readKnownRuns() {
        return store.database().read(sql -> {
            long cells = 0;
            for (String from : List.of(
                    "tracked_run where number",
                    "run_param where run",
                    "run_tag where run",
                    "run_metric_latest where run")) {
                cells += sql.createQuery("select * from " + from + " between 1000 and " + (1000 + PAGE - 1))
                        .map((row, context) -> row.getString(1) + row.getString(2) + row.getString(3))
                        .list()
                        .size();
            }
            return cells;
        });
    }

    private void history(int points) {
        String run = tracking.search(new SearchRequest("", List.of(), View.ACTIVE_ONLY, 1, null), experiment)
                .items()
                .getFirst()
                .info()
                .id();
        for (int from = 0; from < points; from += CHUNK) {
            List<Metric> metrics = new ArrayList<>(CHUNK);
            for (int i = from; i < from + CHUNK; i++) {
                metrics.add(new Metric("curve", 1.0 / (i + 1), START + i * 10L, i));
            }
            tracking.log(run, new Batch(metrics, List.of(), List.of()));
        }
        double paged = millis(() -> readHistory(run));
        double bare = millis(() -> store.database()
                .read(sql -> sql.createQuery("select step, at, value from run_metric where key = 'curve'")
                        .map((row, context) -> row.getLong(1) + row.getLong(2) + row.getDouble(3))
                        .list()));
        Figure figure = Figure.of(
                "history of " + points + " points in pages of " + HISTORY_PAGE,
                "ms",
                paged,
                "one pass over the rows",
                bare,
                "",
                true);
        Table table = new Table(figure.name(), "ms", "one pass over the rows, ms", "ratio");
        table.row("", Figure.number(paged), Figure.number(bare), figure.ratio());
        table.print();
        figure.tell();
    }

    private int readHistory(String run) {
        int points = 0;
        Optional<String> token = Optional.of("");
        while (token.isPresent()) {
            Page<Metric> page = tracking.history(run, "curve", new HistoryPage(HISTORY_PAGE, token.get()));
            points += page.items().size();
            token = page.next();
        }
        return points;
    }

    private static double median(Runnable work) {
        double[] rounds = new double[ROUNDS];
        for (int i = -ROUNDS; i < ROUNDS; i++) {
            double millis = millis(work);
            if (i >= 0) {
                rounds[i] = millis;
            }
        }
        Arrays.sort(rounds);
        return rounds[ROUNDS / 2];
    }

    private static double millis(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e6;
    }
}
