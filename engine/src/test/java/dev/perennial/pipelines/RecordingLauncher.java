package dev.perennial.pipelines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/** Starts nothing and records everything; the test says what became of each name. */
final class RecordingLauncher implements WorkerLauncher {
    final List<String> launches = new CopyOnWriteArrayList<>();
    final AtomicBoolean refuses = new AtomicBoolean();
    final List<String> stops = new CopyOnWriteArrayList<>();
    final Map<String, Presence> presence = new ConcurrentHashMap<>();

    @Override
    public void launch(String name, RunId run, Runnable ended) {
        launches.add(name);
        if (refuses.get()) {
            throw new UncheckedIOException("cannot start a process", new IOException("no setsid"));
        }
        presence.putIfAbsent(name, new Presence.Running(1));
    }

    void die(String name) {
        presence.put(name, new Presence.Gone(OptionalInt.empty(), "killed by the test"));
    }

    void exit(String name, int code) {
        presence.put(name, new Presence.Gone(OptionalInt.of(code), "ended"));
    }

    @Override
    public Presence find(String name) {
        return presence.getOrDefault(name, new Presence.Absent());
    }

    @Override
    public void stop(String name, boolean force) {
        stops.add(name + (force ? " by force" : ""));
        presence.computeIfPresent(
                name,
                (n, now) -> now instanceof Presence.Running ? new Presence.Gone(OptionalInt.of(143), "stopped") : now);
    }

    @Override
    public List<String> alive() {
        return presence.entrySet().stream()
                .filter(e -> e.getValue() instanceof Presence.Running)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    @Override
    public long logSize(String name) {
        return 0;
    }

    @Override
    public void prune(int keep) {}

    @Override
    public byte[] log(String name, long offset, int bytesMax) {
        return new byte[0];
    }
}
