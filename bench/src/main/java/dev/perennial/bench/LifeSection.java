package dev.perennial.bench;

import java.io.IOException;
import java.sql.SQLException;

/** A short run from its creation to its end: create, log ten metrics, end. */
final class LifeSection {
    private static final double CPU_SHARE = 10;
    private static final int METRICS = 10;

    private final TrackingBench.Setting setting;
    private final double seconds;

    LifeSection(TrackingBench.Setting setting) {
        this.setting = setting;
        this.seconds = setting.brief() ? 2 : 8;
    }

    Comparison run() throws IOException, InterruptedException, SQLException {
        Sides.Both<Load> both = new Sides(setting, "life")
                .measure(0, server -> Load.of(server, 1, seconds / 2, seconds, LifeSection::life));
        Comparison table = new Comparison(setting.database());
        double share = both.mlflow()
                .map(m -> m.cpuMillis() / both.ours().cpuMillis())
                .orElse(0.0);
        table.row(
                "create + log + end of a run",
                told(both.ours()),
                both.mlflow().map(LifeSection::told).orElse(""),
                "",
                share == 0 ? "" : "1/" + Figure.number(share) + " of the CPU",
                share == 0 ? "" : "at most 1/10",
                share >= CPU_SHARE);
        return table;
    }

    private static void life(WireClient client, int clientNumber, int number) throws IOException {
        String run = LogSection.createRun(client);
        client.posted("/api/2.0/mlflow/runs/log-batch", LogSection.batch(run, METRICS, number));
        client.posted(
                "/api/2.0/mlflow/runs/update",
                "{\"run_id\":\"" + run + "\",\"status\":\"FINISHED\",\"end_time\":2}");
    }

    private static String told(Load load) {
        return Figure.number(load.p50()) + " ms, CPU " + Figure.number(load.cpuMillis()) + " ms";
    }
}
