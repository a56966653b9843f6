package dev.perennial.bench;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The searches of bench/filters.md, pages of 100, and a walk through all runs. */
final class SearchSection {
    private static final int RUNS = 100_000;
    private static final int SHORTER = 10;
    private static final int PAGE = 100;
    private static final int WALK_PAGE = 1000;
    private static final double WALK_SECONDS = 10;
    private static final int ROUNDS = 40;
    private static final int PEER_ROUNDS = 8;
    private static final int PEER_TIMEOUT_MILLIS = 20_000;

    private final TrackingBench.Setting setting;
    private final int runs;

    SearchSection(TrackingBench.Setting setting) {
        this.setting = setting;
        this.runs = setting.brief() ? RUNS / SHORTER : RUNS;
    }

    /** Millis; negative when there was no answer in time. */
    private record Times(double p50, double p95) {}

    private record Measured(List<Times> searches, double walkSeconds, double firstMillis) {}

    Comparison run() throws IOException, InterruptedException, SQLException {
        List<Search> searches = Search.all();
        Sides.Both<Measured> both = new Sides(setting, "search").measure(runs, server -> measure(server, searches));
        Comparison table = new Comparison(setting.database() + ", " + runs + " runs");
        for (int i = 0; i < searches.size(); i++) {
            int at = i;
            Search search = searches.get(i);
            Times ours = both.ours().searches().get(i);
            table.row(
                    search.name() + " (" + search.share() + ")",
                    told(ours),
                    both.mlflow().map(m -> told(m.searches().get(at))).orElse(""),
                    "",
                    both.mlflow()
                            .map(m -> m.searches().get(at).p95())
                            .filter(p95 -> p95 > 0)
                            .map(p95 -> Figure.number(p95 / ours.p95()) + " x")
                            .orElse(""),
                    "p95 <= " + Figure.number(search.goalMillis()) + " ms",
                    ours.p95() >= 0 && ours.p95() <= search.goalMillis());
        }
        double walk = both.ours().walkSeconds();
        table.row(
                "walking all runs, pages of " + WALK_PAGE,
                Figure.number(walk) + " s",
                both.mlflow().map(m -> Figure.number(m.walkSeconds()) + " s").orElse(""),
                "",
                both.mlflow()
                        .map(m -> Figure.number(m.walkSeconds() / walk) + " x")
                        .orElse(""),
                "<= 10 s",
                walk <= WALK_SECONDS);
        table.row(
                "first search by a metric after " + runs + " new runs",
                Figure.number(both.ours().firstMillis()) + " ms",
                "");
        return table;
    }

    private static String told(Times times) {
        return times.p95() < 0
                ? "no answer in " + PEER_TIMEOUT_MILLIS / 1000 + " s"
                : "p50 " + Figure.number(times.p50()) + " ms, p95 " + Figure.number(times.p95()) + " ms";
    }

    private Measured measure(TrackingServer server, List<Search> searches) throws IOException {
        boolean ours = server.isOurs();
        List<Times> times = new ArrayList<>();
        double first = 0;
        try (WireClient client = new WireClient(server.port(), ours ? 120_000 : PEER_TIMEOUT_MILLIS)) {
            if (ours) {
                long start = System.nanoTime();
                client.posted("/api/2.0/mlflow/runs/search", searches.get(1).body(PAGE, ""));
                first = (System.nanoTime() - start) / 1e6;
            }
            for (Search search : searches) {
                times.add(times(client, search, ours ? ROUNDS : PEER_ROUNDS, ours));
            }
        }
        try (WireClient client = new WireClient(server.port(), 120_000)) {
            return new Measured(times, walk(client, ours), first);
        }
    }

    private Times times(WireClient client, Search search, int rounds, boolean ours) throws IOException {
        // MLflow reads OR and NOT as errors.
        if (!ours && (search.filter().contains("NOT ") || search.filter().contains(" OR "))) {
            return new Times(0, 0);
        }
        double[] millis = new double[rounds];
        for (int i = -rounds; i < rounds; i++) {
            long start = System.nanoTime();
            try {
                client.posted("/api/2.0/mlflow/runs/search", search.body(PAGE, ""));
            } catch (SocketTimeoutException e) {
                client.reconnect();
                return new Times(-1, -1);
            }
            if (i >= 0) {
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
        }
        Arrays.sort(millis);
        return new Times(millis[rounds / 2], millis[(int) (rounds * 0.95)]);
    }

    /** Seconds for all; of MLflow the first tenth times ten, as its later pages only get slower. */
    private double walk(WireClient client, boolean ours) throws IOException {
        Search all = new Search("", "", "", "", 0);
        String token = "";
        int seen = 0;
        int wanted = ours ? runs : runs / SHORTER;
        long start = System.nanoTime();
        do {
            String page = client.posted("/api/2.0/mlflow/runs/search", all.body(WALK_PAGE, token));
            seen += PageText.count(page, "\"artifact_uri\"");
            token = PageText.token(page);
        } while (!token.isEmpty() && seen < wanted);
        if (seen < wanted) {
            throw new IOException("walked " + seen + " of " + wanted + " runs");
        }
        return (System.nanoTime() - start) / 1e9 * runs / wanted;
    }
}
