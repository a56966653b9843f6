package dev.perennial.bench;

import dev.perennial.kernel.Json;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Durable log-batch of 10 metrics with 1, 8 and 64 clients, each with a run of its own, and of 1,000 metrics with 1 and 8. */
final class LogSection {
    private static final int[] CLIENTS = {1, 8, 64};
    private static final int SMALL = 10;
    private static final int LARGE = 1000;
    private static final double GROUPED = 3;
    private static final double FASTER = 20;
    private static final double CPU_SHARE = 20;
    private static final double LARGE_OF_RAW = 0.6;
    private static final double LARGE_FASTER = 8;

    private final TrackingBench.Setting setting;
    private final double seconds;

    LogSection(TrackingBench.Setting setting) {
        this.setting = setting;
        this.seconds = setting.brief() ? 2 : 8;
    }

    private record Measured(List<Load> small, List<Load> large) {}

    Comparison run() throws IOException, InterruptedException, SQLException {
        DiskLimits before = DiskLimits.measure(setting.folder(), seconds / 2);
        Sides.Both<Measured> both = new Sides(setting, "log").measure(0, this::measure);
        DiskLimits disk = before.mean(DiskLimits.measure(setting.folder(), seconds / 2));
        Comparison table = new Comparison(setting.database());
        for (int i = 0; i < CLIENTS.length; i++) {
            int at = i;
            small(
                    table,
                    i,
                    disk,
                    both.ours().small().get(i),
                    both.mlflow().map(m -> m.small().get(at)),
                    best(both));
        }
        for (int i = 0; i < 2; i++) {
            int at = i;
            large(
                    table,
                    i,
                    disk,
                    both.ours().large().get(i),
                    both.mlflow().map(m -> m.large().get(at)));
        }
        return table;
    }

    /** The most that MLflow answered, with whatever number of clients; 0 without it. */
    private static double best(Sides.Both<Measured> both) {
        return both.mlflow()
                .map(m -> m.small().stream().mapToDouble(Load::perSecond).max().orElse(0))
                .orElse(0.0);
    }

    private Measured measure(TrackingServer server) throws IOException {
        // Many clients last: MLflow does not recover from them at once.
        List<Load> large = List.of(load(server, 1, LARGE), load(server, CLIENTS[1], LARGE));
        List<Load> small = new ArrayList<>();
        for (int clients : CLIENTS) {
            small.add(load(server, clients, SMALL));
        }
        return new Measured(small, large);
    }

    private Load load(TrackingServer server, int clients, int metrics) throws IOException {
        List<String> runs = new ArrayList<>();
        try (WireClient client = server.client()) {
            for (int i = 0; i < clients; i++) {
                runs.add(createRun(client));
            }
        }
        return Load.of(
                server,
                clients,
                seconds / 2,
                seconds,
                (client, number, i) ->
                        client.posted("/api/2.0/mlflow/runs/log-batch", batch(runs.get(number), metrics, i)));
    }

    static String createRun(WireClient client) throws IOException {
        return Json.parse(client.posted("/api/2.0/mlflow/runs/create", "{\"experiment_id\":\"0\",\"start_time\":1}"))
                .path("run")
                .path("info")
                .path("run_id")
                .asText();
    }

    /** A batch of one step, as a training logs it. */
    static String batch(String run, int metrics, int step) {
        StringBuilder body = new StringBuilder(100 * metrics + 100)
                .append("{\"run_id\":\"")
                .append(run)
                .append("\",\"metrics\":[");
        for (int i = 0; i < metrics; i++) {
            body.append(i == 0 ? "" : ",")
                    .append("{\"key\":\"metric_")
                    .append(i)
                    .append("\",\"value\":")
                    .append(i / 8.0 + step)
                    .append(",\"timestamp\":")
                    .append(SeedRun.FIRST_START + step)
                    .append(",\"step\":")
                    .append(step)
                    .append('}');
        }
        return body.append("]}").toString();
    }

    private static String told(Load load) {
        if (load.requests() == 0) {
            return "no answers, " + load.refused() + " refused";
        }
        return Figure.number(load.perSecond()) + "/s, p50 " + Figure.number(load.p50()) + " ms, p99 "
                + Figure.number(load.p99()) + " ms, CPU " + Figure.number(load.cpuMillis()) + " ms"
                + (load.refused() == 0 ? "" : ", " + load.refused() + " refused");
    }

    private static void small(
            Comparison table, int at, DiskLimits disk, Load ours, Optional<Load> mlflow, double best) {
        int clients = CLIENTS[at];
        String work = "log-batch of 10, " + clients + (clients == 1 ? " client" : " clients");
        double grouped = ours.commits() == 0 ? 0 : (double) ours.requests() / ours.commits();
        double faster = best == 0 ? 0 : ours.perSecond() / best;
        String peer = mlflow.map(LogSection::told).orElse("");
        String limit = "fsync " + Figure.number(disk.fsyncMillis()) + " ms";
        switch (clients) {
            case 1 ->
                table.row(
                        work,
                        told(ours),
                        peer,
                        limit,
                        Figure.number(ours.p50() - disk.fsyncMillis()) + " ms over it",
                        "one fsync + 1 ms",
                        ours.p50() <= disk.fsyncMillis() + 1);
            case 8 ->
                table.row(
                        work,
                        told(ours),
                        peer,
                        limit,
                        Figure.number(grouped) + " requests a commit",
                        "at least 3 a commit",
                        grouped >= GROUPED);
            default -> {
                table.row(
                        work,
                        told(ours),
                        peer,
                        limit,
                        times(faster),
                        best > 0 ? "at least 20 x its best" : "",
                        faster >= FASTER);
                table.row("requests a commit, " + clients + " clients", Figure.number(grouped), "");
            }
        }
        mlflow.filter(m -> m.requests() > 0).ifPresent(m -> {
            double share = m.cpuMillis() / ours.cpuMillis();
            table.row(
                    "CPU of " + work,
                    Figure.number(ours.cpuMillis()) + " ms",
                    Figure.number(m.cpuMillis()) + " ms",
                    "",
                    "1/" + Figure.number(share),
                    "at most 1/20",
                    share >= CPU_SHARE);
        });
    }

    private static void large(Comparison table, int at, DiskLimits disk, Load ours, Optional<Load> mlflow) {
        int clients = CLIENTS[at];
        String work = "log-batch of 1,000, " + clients + (clients == 1 ? " client" : " clients");
        double raw = ours.perSecond() * disk.insertMillis() / 1000;
        table.row(
                work,
                told(ours),
                mlflow.map(LogSection::told).orElse(""),
                "raw insert " + Figure.number(1000 / disk.insertMillis()) + "/s",
                Figure.number(raw) + " of raw",
                "at least 0.6",
                raw >= LARGE_OF_RAW);
        mlflow.ifPresent(m -> {
            double faster = ours.perSecond() / m.perSecond();
            table.row(
                    "the same beside MLflow",
                    Figure.number(ours.perSecond()) + "/s",
                    Figure.number(m.perSecond()) + "/s",
                    "",
                    times(faster),
                    "at least 8 x",
                    faster >= LARGE_FASTER);
            double share = m.cpuMillis() / ours.cpuMillis();
            table.row(
                    "CPU of " + work,
                    Figure.number(ours.cpuMillis()) + " ms",
                    Figure.number(m.cpuMillis()) + " ms",
                    "",
                    "1/" + Figure.number(share),
                    "at most 1/8",
                    share >= LARGE_FASTER);
        });
    }

    private static String times(double factor) {
        return factor == 0 ? "" : Figure.number(factor) + " x";
    }
}
