package dev.perennial.bench;

import java.io.IOException;
import java.sql.SQLException;

/** The second start, and memory at rest and after a load of 8 clients. */
final class StartSection {
    private static final double CPU_MILLIS_MAX = 1500;
    private static final double MEMORY_SHARE = 2;
    private static final int CLIENTS = 8;
    private static final int METRICS = 10;
    private static final long REST_MILLIS = 5_000;

    private final TrackingBench.Setting setting;

    StartSection(TrackingBench.Setting setting) {
        this.setting = setting;
    }

    private record Measured(double startCpu, double idle, double loaded) {}

    Comparison run() throws IOException, InterruptedException, SQLException {
        Sides sides = new Sides(setting, "start");
        sides.measure(0, server -> server.port()); // the first start makes the database
        Sides.Both<Measured> both = sides.measure(0, this::measure);
        Comparison table = new Comparison(setting.database());
        Measured ours = both.ours();
        table.row(
                "second start",
                Figure.number(ours.startCpu()) + " ms of CPU",
                both.mlflow().map(m -> Figure.number(m.startCpu()) + " ms of CPU").orElse(""),
                "",
                "",
                "<= 1500 ms",
                ours.startCpu() <= CPU_MILLIS_MAX);
        memory(table, "memory at rest", ours.idle(), both.mlflow().map(Measured::idle).orElse(0.0));
        memory(table, "memory after the load", ours.loaded(), both.mlflow().map(Measured::loaded).orElse(0.0));
        return table;
    }

    private static void memory(Comparison table, String work, double ours, double mlflow) {
        table.row(
                work,
                Figure.number(ours) + " MiB",
                mlflow == 0 ? "" : Figure.number(mlflow) + " MiB",
                "",
                mlflow == 0 ? "" : "1/" + Figure.number(mlflow / ours),
                mlflow == 0 ? "" : "at most 1/2",
                ours * MEMORY_SHARE <= mlflow);
    }

    private Measured measure(TrackingServer server) throws IOException, InterruptedException {
        Thread.sleep(REST_MILLIS);
        double idle = server.mebibytes();
        String run;
        try (WireClient client = server.client()) {
            run = LogSection.createRun(client);
        }
        Load.of(
                server,
                CLIENTS,
                0,
                setting.brief() ? 2 : 20,
                (client, number, i) -> client.posted(
                        "/api/2.0/mlflow/runs/log-batch", LogSection.batch(run, METRICS, i * CLIENTS + number)));
        return new Measured(server.startCpuMillis(), idle, server.mebibytes());
    }
}
