package dev.perennial.scoring.python;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Folders;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelFailure.Kind;
import dev.perennial.scoring.admission.ProcessLimits;
import dev.perennial.scoring.python.PythonFrames.Frame;
import dev.perennial.scoring.python.PythonFrames.Part;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process with one model and the connection to it. It is ended, and every call under way fails with the reason, when it takes more
 * memory or processes than it may, does not answer in time, or says what is no answer. Thread-safe.
 */
final class PythonChild implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PythonChild.class);
    private static final Path SETSID = Path.of("/usr/bin/setsid");
    private static final long LOOK_MILLIS = 50;
    private static final int IDLE_LOOKS = 20;
    private static final int WHOLE_LOOKS = 10;
    private static final int ACCEPT_MILLIS = 2;
    private static final int EXIT_SECONDS = 2;
    private static final int SIGNALS_FROM = 128;
    private static final long END_MILLIS = 2_000;

    private final PythonRuntime runtime;
    private final PythonLimits limits;
    private final Process process;
    private final SessionProcesses session;
    private final CompletableFuture<Frame> hello = new CompletableFuture<>();
    private final CompletableFuture<ModelFailure> gone = new CompletableFuture<>();
    private final Map<Long, CompletableFuture<Frame>> pending = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable ModelFailure> why = new AtomicReference<>();
    private final AtomicLong calls = new AtomicLong();
    private volatile @Nullable SocketChannel channel;
    private @Nullable Future<?> watch;
    private int looks;

    private PythonChild(PythonRuntime runtime, PythonLimits limits, Process process) {
        this.runtime = runtime;
        this.limits = limits;
        this.process = process;
        this.session = new SessionProcesses(process);
    }

    /**
     * How a process is started.
     *
     * @param threads of its numeric libraries
     * @param scratch where it works
     */
    record Plan(Path interpreter, PythonLimits limits, int threads, Path scratch) {}

    /**
     * Starts an interpreter and waits until it speaks.
     *
     * @throws PerennialException when it does not
     */
    static PythonChild start(PythonRuntime runtime, Plan plan) {
        try {
            Path folder = Files.createTempDirectory(
                    "perennial-", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path socket = folder.resolve("s");
            try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                server.bind(UnixDomainSocketAddress.of(socket));
                PythonChild child =
                        new PythonChild(runtime, plan.limits(), runtime.spawn(builder(runtime, plan, socket)));
                child.connect(server);
                return child;
            } finally {
                Folders.remove(folder);
            }
        } catch (IOException e) {
            throw PerennialException.internal("the model's process cannot be started: " + e.getMessage(), e);
        }
    }

    private static ProcessBuilder builder(PythonRuntime runtime, Plan plan, Path socket) {
        Path scratch = plan.scratch();
        Path interpreter = plan.interpreter();
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            command.add(SETSID.toString());
        }
        command.add(interpreter.toString());
        command.addAll(PythonRuntime.flags());
        command.addAll(List.of(
                runtime.script().toAbsolutePath().toString(),
                socket.toString(),
                Long.toString(ProcessHandle.current().pid())));
        PythonLimits limits = plan.limits();
        ProcessBuilder builder = new ProcessBuilder(
                        ProcessLimits.serving(command, limits.addressBytes(), limits.openFiles())
                                .command())
                .directory(scratch.toFile())
                .redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.clear(); // nothing of the platform's is a model's business
        environment.put("PATH", interpreter.toAbsolutePath().getParent() + ":/usr/bin:/bin");
        environment.put("HOME", scratch.toAbsolutePath().toString());
        environment.put("TMPDIR", scratch.toAbsolutePath().toString());
        environment.put("LANG", "C.UTF-8");
        environment.put("MALLOC_ARENA_MAX", "2");
        environment.put("MLFLOW_DISABLE_TELEMETRY", "true");
        environment.put("MLFLOW_TRACKING_URI", scratch.toUri() + "mlruns");
        for (String threads : List.of("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")) {
            environment.put(threads, Integer.toString(plan.threads()));
        }
        return builder;
    }

    private void connect(ServerSocketChannel server) throws IOException {
        new PythonOutput(process).start();
        boolean connected = false;
        try {
            server.configureBlocking(false);
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limits.startMillis());
            SocketChannel accepted = server.accept();
            while (accepted == null) {
                if (process.waitFor(ACCEPT_MILLIS, TimeUnit.MILLISECONDS)) {
                    throw new IOException("it " + exit() + " before it could speak");
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new IOException("it did not speak within " + limits.startMillis() + " ms");
                }
                accepted = server.accept();
            }
            channel = accepted;
            SocketChannel open = accepted;
            Thread.ofPlatform().daemon().name("python-reader-" + process.pid()).start(() -> read(open));
            process.onExit().thenRun(this::closeChannel); // what it started may hold its end open
            watch = runtime.timer().scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
            hello.get(limits.startMillis(), TimeUnit.MILLISECONDS);
            connected = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("it did not greet: " + e.getMessage(), e);
        } finally {
            if (!connected) {
                close();
            }
        }
    }

    /** What it said of itself. */
    Frame hello() {
        return hello.join();
    }

    boolean alive() {
        return why.get() == null && !gone.isDone() && process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    long peakResidentBytes() {
        return session.peakResidentBytes();
    }

    /** Calls that it was given so far. */
    long calls() {
        return calls.get();
    }

    /** Told once, when it has ended and nothing of it is left. */
    void onGone(Runnable told) {
        gone.thenRun(told);
    }

    /**
     * Sends a call. The answer comes, or a {@link ModelFailure} when the process ends first; it is ended when it takes longer than it may.
     * Blocks while it does not take what is sent.
     */
    CompletableFuture<Frame> call(ObjectNode header, List<Part> parts, long limitMillis) {
        long id = calls.incrementAndGet();
        header.put("id", id).put("most", PythonFrames.BYTES_MAX);
        CompletableFuture<Frame> answer = new CompletableFuture<>();
        pending.put(id, answer);
        Future<?> overdue = runtime.timer()
                .schedule(
                        () -> endApart(new ModelFailure(
                                Kind.DEADLINE,
                                "it did not answer within " + limitMillis + " ms; its process was ended")),
                        limitMillis,
                        TimeUnit.MILLISECONDS);
        answer.whenComplete((frame, failure) -> overdue.cancel(false));
        SocketChannel open = channel;
        try {
            if (open == null) {
                throw new IOException("no connection");
            }
            synchronized (open) {
                PythonFrames.write(open, header, parts);
            }
        } catch (IOException e) {
            end(new ModelFailure(Kind.CRASH, "its process took no more calls"));
        }
        if (gone.isDone()) { // it ended before the answer was awaited
            answer.completeExceptionally(gone.join());
        }
        return answer;
    }

    private void read(SocketChannel open) {
        try {
            while (true) {
                Frame frame = PythonFrames.read(open);
                if (frame.kind().equals("hello")) {
                    hello.complete(frame);
                    continue;
                }
                CompletableFuture<Frame> answer =
                        pending.remove(frame.header().path("id").asLong());
                if (answer == null) {
                    throw new IOException("an answer that nobody waits for");
                }
                answer.complete(frame);
            }
        } catch (IOException e) {
            LOG.debug("the connection to process {} ended", process.pid(), e);
        } catch (OutOfMemoryError e) {
            end(new ModelFailure(Kind.MODEL, "there is no room for its answer"));
        } finally {
            bury();
        }
    }

    /** The process ends, or its connection did: the last deed of the thread that reads. */
    private void bury() {
        try {
            process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        boolean alive = process.isAlive();
        end(new ModelFailure(
                Kind.CRASH, alive ? "its process broke the connection and was ended" : "its process " + exit()));
        Future<?> looking = watch;
        if (looking != null) {
            looking.cancel(false);
        }
        ModelFailure failure = why.get();
        if (failure == null) {
            failure = new ModelFailure(Kind.CRASH, "its process ended");
        }
        gone.complete(failure);
        hello.completeExceptionally(failure);
        for (CompletableFuture<Frame> answer : List.copyOf(pending.values())) {
            answer.completeExceptionally(failure);
        }
        pending.clear();
    }

    private String exit() {
        int code = process.exitValue();
        return code > SIGNALS_FROM ? "was ended by signal " + (code - SIGNALS_FROM) : "ended with exit code " + code;
    }

    private void look() {
        looks++;
        if (pending.isEmpty() && looks % IDLE_LOOKS != 0) {
            return;
        }
        SessionProcesses.Taken taken =
                looks % WHOLE_LOOKS == 0 ? session.taken() : new SessionProcesses.Taken(1, session.residentBytes());
        if (taken.processes() > limits.processes() + 1) {
            endApart(new ModelFailure(
                    Kind.CRASH, "it started more than " + limits.processes() + " processes; all were ended"));
        } else if (taken.residentBytes() > limits.residentBytes()) {
            endApart(new ModelFailure(
                    Kind.CRASH,
                    "it took more than " + limits.residentBytes() + " bytes of memory; its process was ended"));
        }
    }

    /** The watchdog looks after other models too: it does not wait for this one's end. */
    private void endApart(ModelFailure failure) {
        why.compareAndSet(null, failure);
        Thread.ofVirtual().name("python-end").start(() -> end(failure));
    }

    private void end(ModelFailure failure) {
        why.compareAndSet(null, failure);
        session.kill();
        closeChannel();
    }

    private void closeChannel() {
        SocketChannel open = channel;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.debug("a connection cannot be closed", e);
            }
        }
    }

    /** Asks it to end, and ends it soon after; no call may be under way. */
    void retire() {
        ObjectNode end = Json.object().put("kind", "end").put("id", 0);
        SocketChannel open = channel;
        try {
            if (open != null) {
                synchronized (open) {
                    PythonFrames.write(open, end, List.of());
                }
            }
        } catch (IOException e) {
            LOG.debug("process {} has ended already", process.pid(), e);
        }
        runtime.timer().schedule(this::close, END_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Ends it at once, with all that it started. */
    @Override
    public void close() {
        end(new ModelFailure(Kind.AWAY, "it was unloaded"));
    }
}
