package dev.perennial.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Many rows on PostgreSQL: 100,000 runs with ten million points in the usual bench, ten times as many with {@code --large}. Tells what an
 * added row costs while the tables grow, a batch of 10 through the wire on them, and the searches of bench/filters.md.
 */
final class RowsSection {
    private static final int RUNS = 100_000;
    private static final int LARGE_RUNS = 1_000_000;
    private static final int BRIEF_RUNS = 10_000;
    /** Of each metric; a run has 4.6 metrics. */
    private static final int POINTS = 22;

    private static final int STEPS = 10;
    private static final int ROUNDS = 20;
    private static final int PAGE = 100;
    private static final double SERVED_MILLIS = 100;
    private static final double SERVED_BY_INDEX = 30;
    private static final double FLAT = 1.5;
    private static final int TIMEOUT_MILLIS = 1_200_000;

    private final TrackingBench.Setting setting;
    private final int runs;

    RowsSection(TrackingBench.Setting setting) {
        this.setting = setting;
        this.runs = setting.large() ? LARGE_RUNS : setting.brief() ? BRIEF_RUNS : RUNS;
    }

    Comparison run() throws IOException, InterruptedException, SQLException {
        BenchPostgres postgres = setting.postgres().orElseThrow();
        String address = postgres.freshDatabase();
        Path data = Files.createDirectories(setting.folder().resolve("rows"));
        Map<String, String> properties = Map.of(
                "perennial.database-url",
                address,
                "perennial.database-user",
                BenchPostgres.USER,
                "perennial.database-password",
                "");
        TrackingServer.ours(data, properties, () -> 0).close(); // makes the tables
        Comparison table = new Comparison(setting.database() + ", " + runs + " runs");
        copy(postgres, address, table);
        postgres.psql(address, "analyze");
        long points = Long.parseLong(
                postgres.psql(address, "select count(*) from run_metric").strip());
        table.row("points", String.valueOf(points), "");
        try (TrackingServer server = TrackingServer.ours(data, properties, postgres::syncs)) {
            rank(server, table, () -> postgres.psql(address, "select exists (select 1 from run_metric_unranked)"));
            search(server, table);
            log(server, table);
        }
        return table;
    }

    /** Each step adds a tenth of the rows; the curve says whether a row costs more in a larger table. */
    private void copy(BenchPostgres postgres, String address, Comparison table) throws IOException {
        double[] micros = new double[STEPS];
        int each = runs / STEPS;
        for (int step = 0; step < STEPS; step++) {
            long begin = System.nanoTime();
            postgres.fill(address, step * each + 1, (step + 1) * each, POINTS);
            double rows = each * (4.6 * (POINTS + 1) + 10);
            micros[step] = (System.nanoTime() - begin) / 1e3 / rows;
            setting.out().println("  " + (step + 1) * each + " runs: " + Figure.number(micros[step]) + " us a row");
        }
        double first = (micros[0] + micros[1]) / 2;
        double last = (micros[STEPS - 2] + micros[STEPS - 1]) / 2;
        table.row(
                "COPY of a row, tenth by tenth",
                String.join(", ", Arrays.stream(micros).mapToObj(Figure::number).toList()) + " us",
                "",
                "first two tenths " + Figure.number(first) + " us",
                Figure.number(last / first),
                "flat: at most 1.5",
                last / first <= FLAT);
    }

    /** Searches by a metric until all runs are ranked; each search ranks for some seconds at the most. */
    private static void rank(TrackingServer server, Comparison table, Supplier<String> behind) throws IOException {
        Search byMetric = Search.all().get(1);
        long begin = System.nanoTime();
        int searches = 0;
        try (WireClient client = new WireClient(server.port(), TIMEOUT_MILLIS)) {
            do {
                client.post("/api/2.0/mlflow/runs/search", byMetric.body(PAGE, ""));
                searches++;
            } while (behind.get().strip().equals("t"));
        }
        table.row(
                "first searches by a metric, which rank all runs",
                Figure.number((System.nanoTime() - begin) / 1e9) + " s, " + searches + " searches",
                "");
    }

    private void search(TrackingServer server, Comparison table) throws IOException {
        List<Search> searches = Search.all();
        try (WireClient client = new WireClient(server.port(), TIMEOUT_MILLIS)) {
            for (Search search : searches) {
                double[] millis = new double[ROUNDS];
                for (int i = -2; i < ROUNDS; i++) {
                    long start = System.nanoTime();
                    WireClient.Answer answer = client.post("/api/2.0/mlflow/runs/search", search.body(PAGE, ""));
                    if (i >= 0) {
                        millis[i] =
                                answer.status() == 200 ? (System.nanoTime() - start) / 1e6 : Double.POSITIVE_INFINITY;
                    }
                }
                Arrays.sort(millis);
                tell(table, search, millis[ROUNDS / 2], millis[(int) (ROUNDS * 0.95)]);
            }
        }
    }

    private static void tell(Comparison table, Search search, double p50, double p95) {
        boolean served = search.goalMillis() <= SERVED_BY_INDEX;
        String told = Double.isInfinite(p95)
                ? "refused: longer than the limit of a search"
                : "p50 " + Figure.number(p50) + " ms, p95 " + Figure.number(p95) + " ms";
        table.row(
                search.name() + " (" + search.share() + ")",
                told,
                "",
                "",
                "",
                served ? "p95 <= 100 ms" : "",
                p95 <= SERVED_MILLIS);
    }

    private void log(TrackingServer server, Comparison table) throws IOException {
        String run;
        try (WireClient client = server.client()) {
            run = LogSection.createRun(client);
        }
        Load load = Load.of(
                server,
                1,
                2,
                setting.brief() ? 2 : 5,
                (client, number, i) ->
                        client.posted("/api/2.0/mlflow/runs/log-batch", LogSection.batch(run, STEPS, i)));
        table.row(
                "log-batch of 10 on these tables, 1 client",
                Figure.number(load.perSecond()) + "/s, p50 " + Figure.number(load.p50()) + " ms, CPU "
                        + Figure.number(load.cpuMillis()) + " ms",
                "");
    }
}
