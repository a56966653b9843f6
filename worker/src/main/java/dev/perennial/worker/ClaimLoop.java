package dev.perennial.worker;

import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.FailureClass;
import dev.perennial.pipelines.WorkerProtocol.Claim;
import dev.perennial.pipelines.WorkerResult;
import dev.perennial.worker.StepHandler.StepInput;
import dev.perennial.worker.StepHandler.StepOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks for a step, runs it, reports it; until the server says that nothing is left. */
final class ClaimLoop {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimLoop.class);
    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final long WAIT_MILLIS_FIRST = 20;
    private static final long WAIT_MILLIS_MAX = 500;
    private static final int MESSAGE_CHARS_MAX = 2_000;

    private final ServerConnection server;
    private final WorkerOptions options;
    private final Map<String, StepHandler> handlers;
    private final BiConsumer<ExitCode, String> halt;

    /** @param halt ends the process at once, from any thread */
    ClaimLoop(
            ServerConnection server,
            WorkerOptions options,
            Map<String, StepHandler> handlers,
            BiConsumer<ExitCode, String> halt) {
        this.server = server;
        this.options = options;
        this.handlers = handlers;
        this.halt = halt;
    }

    void run() {
        long wait = WAIT_MILLIS_FIRST;
        while (true) {
            ServerConnection.Answer answer = server.post(
                    "/internal/worker/runs/" + options.run() + "/claim", Map.of("worker", options.worker()));
            if (answer.status() == OK) {
                Claim.Work work = Json.read(new String(answer.body(), StandardCharsets.UTF_8), Claim.Work.class);
                runStep(work);
                wait = WAIT_MILLIS_FIRST;
            } else if (answer.status() == ACCEPTED) {
                ServerConnection.pause(wait);
                wait = Math.min(WAIT_MILLIS_MAX, wait * 2);
            } else {
                return;
            }
        }
    }

    private void runStep(Claim.Work work) {
        LOG.info("step starts path={} attempt={} kind={}", work.path(), work.attempt(), work.kind());
        CrashPoint.hit("worker.step.before");
        HeartbeatSender heartbeat = new HeartbeatSender(server, work.token(), why -> halt.accept(ExitCode.FENCED, why));
        heartbeat.start();
        try {
            WorkerResult result = handle(work, heartbeat);
            leave(Path.of(work.staging()), result);
            CrashPoint.hit("worker.step.afterStage");
            heartbeat.stop();
            server.post("/internal/worker/attempts/" + work.token() + "/complete", result);
            LOG.info(
                    "step done path={} cpuMillis={}",
                    work.path(),
                    result.usage().cpuMillis());
            CrashPoint.hit("worker.complete.after");
        } catch (StepFailed e) {
            heartbeat.stop();
            LOG.warn("step failed path={}", work.path(), e.getCause());
            server.post(
                    "/internal/worker/attempts/" + work.token() + "/fail",
                    Map.of("class", e.failure.name(), "message", e.getMessage()));
        } finally {
            heartbeat.stop();
        }
    }

    /** A failure with its class. */
    private static final class StepFailed extends Exception {
        private final FailureClass failure;

        StepFailed(FailureClass failure, Throwable cause) {
            super(message(cause), cause);
            this.failure = failure;
        }

        private static String message(Throwable cause) {
            String text = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
            return text.substring(0, Math.min(text.length(), MESSAGE_CHARS_MAX));
        }
    }

    private WorkerResult handle(Claim.Work work, HeartbeatSender heartbeat) throws StepFailed {
        StepHandler handler = handlers.get(work.kind());
        if (handler == null) {
            String known = String.join(", ", new TreeMap<>(handlers).keySet());
            throw new StepFailed(
                    FailureClass.CONFIG,
                    new IllegalArgumentException(
                            "this worker has no step of kind '" + work.kind() + "'; it has: " + known));
        }
        Usage usage = Usage.start();
        Path staging = Path.of(work.staging());
        Map<String, Path> inputs = new TreeMap<>();
        work.inputs().forEach((name, path) -> inputs.put(name, Path.of(path)));
        try {
            StepOutput output = handler.run(new StepInput(work.parameters(), inputs, staging, heartbeat));
            Map<String, String> files = new TreeMap<>();
            output.files().forEach((name, file) -> files.put(name, relative(staging, file)));
            return new WorkerResult(
                    output.values(), files, new WorkerResult.Usage(usage.cpuMillisSinceStart(), Usage.peakRssBytes()));
        } catch (StepFailure e) {
            throw new StepFailed(FailureClass.valueOf(e.kind().name()), e);
        } catch (PerennialException e) {
            throw new StepFailed(e.code() == ErrorCode.UNAVAILABLE ? FailureClass.INFRA : FailureClass.USER, e);
        } catch (OutOfMemoryError e) {
            throw new StepFailed(FailureClass.OOM, e);
        } catch (Exception | LinkageError | StackOverflowError e) { // the boundary of foreign code
            throw new StepFailed(FailureClass.USER, e);
        }
    }

    private static String relative(Path staging, Path file) {
        return (file.isAbsolute() ? staging.relativize(file) : file).toString();
    }

    /** Leaves the result beside the staging folder: should this process die now, the server finds it. */
    private static void leave(Path staging, WorkerResult result) {
        Path file = staging.resolveSibling(staging.getFileName() + ".result.json");
        writeDurably(file, Json.write(result));
    }

    /** Writes a file under a temporary name, flushes it to the disk and gives it its name. */
    static void writeDurably(Path file, String text) {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            Files.writeString(temporary, text);
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
