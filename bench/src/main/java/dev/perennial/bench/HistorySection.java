package dev.perennial.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One metric with 100,000 points, and 100 runs with 1,000 points each for a chart. */
final class HistorySection {
    private static final int POINTS = 100_000;
    private static final int SHORTER = 10;
    private static final int BATCH = 1000;
    private static final int RUNS = 100;
    private static final int PAGE = 25_000;
    private static final int CHART_POINTS = 1000;
    private static final int ROUNDS = 7;
    private static final double FASTER = 20;

    private final TrackingBench.Setting setting;
    private final int points;

    HistorySection(TrackingBench.Setting setting) {
        this.setting = setting;
        this.points = setting.brief() ? POINTS / SHORTER : POINTS;
    }

    /** Milliseconds. */
    private record Measured(double whole, double paged, double chart) {}

    Comparison run() throws IOException, InterruptedException, SQLException {
        Sides.Both<Measured> both = new Sides(setting, "history").measure(0, this::measure);
        Comparison table = new Comparison(setting.database());
        Optional<Measured> peer = both.mlflow();
        row(table, "history of " + points + " points at once", both.ours().whole(), peer.map(Measured::whole));
        row(table, "the same in pages of " + PAGE, both.ours().paged(), peer.map(Measured::paged));
        row(
                table,
                RUNS + " runs x " + CHART_POINTS + " points for a chart",
                both.ours().chart(),
                peer.map(Measured::chart));
        return table;
    }

    private static void row(Comparison table, String work, double ours, Optional<Double> mlflow) {
        double faster = mlflow.map(m -> m / ours).orElse(0.0);
        table.row(
                work,
                Figure.number(ours) + " ms",
                mlflow.map(m -> Figure.number(m) + " ms").orElse(""),
                "",
                faster == 0 ? "" : Figure.number(faster) + " x",
                faster == 0 ? "" : "at least 20 x",
                faster >= FASTER);
    }

    private Measured measure(TrackingServer server) throws IOException {
        boolean ours = server.isOurs();
        try (WireClient client = server.client()) {
            String run = LogSection.createRun(client);
            fill(client, run, points);
            List<String> runs = new ArrayList<>();
            for (int i = 0; i < RUNS; i++) {
                runs.add(LogSection.createRun(client));
                fill(client, runs.getLast(), CHART_POINTS);
            }
            int rounds = ours ? ROUNDS : 2;
            return new Measured(
                    best(rounds, () -> history(client, run, 0)),
                    best(rounds, () -> history(client, run, PAGE)),
                    best(rounds, () -> chart(client, runs)));
        }
    }

    private static void fill(WireClient client, String run, int points) throws IOException {
        for (int from = 0; from < points; from += BATCH) {
            StringBuilder body = new StringBuilder("{\"run_id\":\"" + run + "\",\"metrics\":[");
            for (int i = from; i < from + BATCH; i++) {
                body.append(i == from ? "" : ",")
                        .append("{\"key\":\"loss\",\"value\":")
                        .append(1.0 / (i + 1))
                        .append(",\"timestamp\":")
                        .append(SeedRun.FIRST_START + i)
                        .append(",\"step\":")
                        .append(i)
                        .append('}');
            }
            client.posted("/api/2.0/mlflow/runs/log-batch", body.append("]}").toString());
        }
    }

    /** Work with the wire. */
    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    /** The median after a warm-up. */
    private static double best(int rounds, Step step) throws IOException {
        double[] millis = new double[rounds];
        for (int i = -rounds; i < rounds; i++) {
            long start = System.nanoTime();
            step.run();
            if (i >= 0) {
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
        }
        java.util.Arrays.sort(millis);
        return millis[rounds / 2];
    }

    private void history(WireClient client, String run, int limit) throws IOException {
        String token = "";
        int seen = 0;
        do {
            String page = client.got("/api/2.0/mlflow/metrics/get-history?metric_key=loss&run_id=" + run
                    + (limit == 0 ? "" : "&max_results=" + limit)
                    + (token.isEmpty() ? "" : "&page_token=" + token.replace("=", "%3D")));
            seen += PageText.count(page, "\"step\"");
            token = PageText.token(page);
        } while (!token.isEmpty());
        if (seen != points) {
            throw new IOException("read " + seen + " of " + points + " points");
        }
    }

    private static void chart(WireClient client, List<String> runs) throws IOException {
        String sampled = client.got("/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?metric_key=loss"
                + "&max_results=" + CHART_POINTS + "&run_ids=" + String.join("&run_ids=", runs));
        int seen = PageText.count(sampled, "\"step\"");
        if (seen < runs.size() * CHART_POINTS) {
            throw new IOException("a chart of " + seen + " points");
        }
    }
}
