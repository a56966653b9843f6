package dev.perennial.worker;

import dev.perennial.kernel.Json;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker program. Started for one pipeline run, it takes heavy steps from the server one by one and ends when none is left: exit
 * code 0, 75 (the server was away for too long), 76 (another attempt counts now) or 78 (wrong command line). It survives the server's
 * death: it works on, and asks again until a server is back.
 */
public final class WorkerMain {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerMain.class);
    private static final int ERROR = 1;
    private static final int TERMINATED = 143;

    private final WorkerOptions options;
    private final AtomicBoolean ended = new AtomicBoolean();

    private WorkerMain(WorkerOptions options) {
        this.options = options;
    }

    public static void main(String[] args) {
        run(Handlers::all, args);
    }

    /** Runs a worker with these handlers and ends the process. */
    public static void run(List<? extends StepHandler> handlers, String... args) {
        run(data -> handlers, args);
    }

    private static void run(Function<Path, List<? extends StepHandler>> handlers, String... args) {
        System.setProperty("java.util.logging.SimpleFormatter.format", "%1$tFT%1$tT.%1$tL %4$s %5$s%6$s%n");
        WorkerOptions options = WorkerOptions.parse(args).orElse(null);
        if (options == null) {
            LOG.error(WorkerOptions.USAGE);
            Runtime.getRuntime().halt(ExitCode.CONFIG.code());
            return;
        }
        new WorkerMain(options).work(handlers.apply(options.dir()));
    }

    private void work(List<? extends StepHandler> handlers) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> leave(TERMINATED, "asked to stop")));
        try {
            Map<String, StepHandler> byKind =
                    handlers.stream().collect(Collectors.toMap(StepHandler::kind, Function.identity()));
            ServerConnection server = new ServerConnection(
                    options.server(),
                    options.dir().resolve("server.url"),
                    ServerConnection.readToken(options.tokenFile()),
                    InstantSource.system());
            new ClaimLoop(server, options, byKind, this::halt).run();
            halt(ExitCode.DONE, "nothing left to do");
        } catch (WorkerEnds e) {
            halt(e.code(), String.valueOf(e.getMessage()));
        } catch (UncheckedIOException e) {
            LOG.error("cannot work", e);
            halt(ExitCode.CONFIG, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) { // the last line of the program: tell, and end
            LOG.error("the worker broke", e);
            end(ERROR, String.valueOf(e.getMessage()));
        }
    }

    private void halt(ExitCode code, String message) {
        end(code.code(), message);
    }

    /** Ends at once: nothing that a handler left running may hold the process. */
    private void end(int code, String message) {
        leave(code, message);
        Runtime.getRuntime().halt(code);
    }

    private void leave(int code, String message) {
        if (ended.compareAndSet(false, true)) {
            LOG.info("worker ends code={} why={}", code, message);
            ClaimLoop.writeDurably(
                    options.ownFolder().resolve("exit.json"), Json.write(Map.of("code", code, "message", message)));
        }
    }
}
