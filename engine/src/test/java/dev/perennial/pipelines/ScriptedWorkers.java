package dev.perennial.pipelines;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Workers played on threads of the test: each kind of step is answered by a script. Thread-safe. */
public final class ScriptedWorkers implements WorkerLauncher {
    private static final long PAUSE_MILLIS = 2;

    private final Map<String, Script> scripts = new ConcurrentHashMap<>();
    private final Map<String, Presence> presence = new ConcurrentHashMap<>();
    private final List<WorkerProtocol.Claim.Work> done = new CopyOnWriteArrayList<>();
    private final Supplier<WorkerProtocol> protocol;

    public ScriptedWorkers(Supplier<WorkerProtocol> protocol) {
        this.protocol = protocol;
    }

    /** What a worker does with a step; an exception fails the step. */
    @FunctionalInterface
    public interface Script {
        WorkerResult run(WorkerProtocol.Claim.Work work) throws IOException;
    }

    public void on(String kind, Script script) {
        scripts.put(kind, script);
    }

    /** Steps of a kind that were claimed, in order. */
    public List<WorkerProtocol.Claim.Work> steps(String kind) {
        return done.stream().filter(work -> work.kind().equals(kind)).toList();
    }

    @Override
    public void launch(String name, RunId run, Runnable ended) {
        if (presence.putIfAbsent(name, new Presence.Running(1)) == null) {
            Thread.ofVirtual().name(name).start(() -> play(name, run, ended));
        }
    }

    private void play(String name, RunId run, Runnable ended) {
        while (presence.get(name) instanceof Presence.Running) {
            switch (protocol.get().claim(run, name)) {
                case WorkerProtocol.Claim.Work work -> answer(work);
                case WorkerProtocol.Claim.Wait _ -> pause();
                case WorkerProtocol.Claim.Finished _ ->
                    presence.put(name, new Presence.Gone(OptionalInt.of(0), "ended"));
            }
        }
        ended.run();
    }

    private void answer(WorkerProtocol.Claim.Work work) {
        done.add(work);
        Script script = scripts.get(work.kind());
        if (script == null) {
            protocol.get().fail(work.token(), FailureClass.CONFIG, "no script for steps of kind " + work.kind());
            return;
        }
        try {
            protocol.get().complete(work.token(), script.run(work));
        } catch (IOException | IllegalStateException e) {
            protocol.get().fail(work.token(), FailureClass.USER, String.valueOf(e.getMessage()));
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Presence find(String name) {
        return presence.getOrDefault(name, new Presence.Absent());
    }

    @Override
    public void stop(String name, boolean force) {
        presence.computeIfPresent(name, (n, now) -> new Presence.Gone(OptionalInt.of(143), "stopped"));
    }

    @Override
    public List<String> alive() {
        return presence.entrySet().stream()
                .filter(entry -> entry.getValue() instanceof Presence.Running)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    @Override
    public long logSize(String name) {
        return 0;
    }

    @Override
    public byte[] log(String name, long offset, int bytesMax) {
        return new byte[0];
    }

    @Override
    public void prune(int keep) {}
}
