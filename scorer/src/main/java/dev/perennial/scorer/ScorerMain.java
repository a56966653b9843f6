package dev.perennial.scorer;

import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * The program: {@code ScorerMain --server URL --id ID --port P --spool DIR --blobs DIR --token-file F}. SIGTERM and SIGINT end it
 * gracefully. Exit codes: 0 ended, 64 wrong flags, 70 cannot start, 76 the server belongs to another installation.
 */
public final class ScorerMain {
    private static final Logger LOG = LoggerFactory.getLogger(ScorerMain.class);
    private static final long DRAIN_MILLIS = 5_000;
    private static final int USAGE = 64;
    private static final String COLLECTOR = "--otlp-endpoint";
    private static final int CANNOT_START = 70;
    private static final int FOREIGN = 76;

    private ScorerMain() {}

    public static void main(String[] arguments) {
        System.setProperty("vertx.disableDnsResolver", "true"); // addresses are local; saves its start
        ScorerSettings settings;
        try {
            settings = ScorerSettings.parse(withCollector(arguments, System.getenv("OTEL_EXPORTER_OTLP_ENDPOINT")));
        } catch (PerennialException e) {
            LOG.error(e.getMessage());
            System.exit(USAGE);
            return;
        }
        try {
            InstantSource clock = InstantSource.system();
            ScorerProcess process = ScorerProcess.start(settings, clock, new SplittableRandom());
            LOG.info("scorer {} listens on {}", settings.id(), process.url());
            endOn("TERM", process);
            endOn("INT", process);
            process.foreign().thenAccept(why -> {
                LOG.error("ends, since its data directory was replaced under it; the server says: {}", why);
                System.exit(FOREIGN);
            });
        } catch (PerennialException | IOException e) {
            LOG.error("cannot start: {}", e.getMessage());
            System.exit(CANNOT_START);
        }
    }

    /** The variable that programs with OpenTelemetry know stands for a flag that is missing. */
    static String[] withCollector(String[] arguments, @Nullable String collector) {
        List<String> all = new ArrayList<>(List.of(arguments));
        if (collector != null && !collector.isBlank() && !all.contains(COLLECTOR)) {
            all.add(COLLECTOR);
            all.add(collector);
        }
        return all.toArray(String[]::new);
    }

    /** Not a shutdown hook: ONNX Runtime's own hook must not run while models still score. */
    private static void endOn(String signal, ScorerProcess process) {
        Signal.handle(
                new Signal(signal),
                received -> Thread.ofPlatform().name("drain").start(() -> {
                    try {
                        process.drain(DRAIN_MILLIS);
                    } catch (InterruptedException e) {
                        LOG.warn("interrupted while ending");
                    }
                    System.exit(0);
                }));
    }
}
