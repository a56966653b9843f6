package dev.perennial.scoring.python;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelFailure.Kind;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.ModelResources;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.TabularModel;
import dev.perennial.scoring.python.PythonFrames.Frame;
import dev.perennial.scoring.python.PythonFrames.Part;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The processes of one model, each with one call at a time: a call goes to the one that was idle for the longest time and is alive, and to
 * one that is being started again only when there is no other. They share the model's files and nothing else. Thread-safe.
 */
final class PythonPool implements AutoCloseable {
    private final PythonLimits limits;
    private final PythonHome home;
    private final List<PythonKeeper> all;
    private final ArrayDeque<PythonKeeper> idle;
    private final Semaphore turns;

    private PythonPool(PythonLimits limits, PythonHome home, List<PythonKeeper> all) {
        this.limits = limits;
        this.home = home;
        this.all = List.copyOf(all);
        this.idle = new ArrayDeque<>(all);
        this.turns = new Semaphore(all.size(), true);
    }

    /**
     * Starts all processes, the others once the first has the model.
     *
     * @throws PerennialException when one cannot be started or Python refuses the model, which is told in one sentence
     */
    static PythonPool open(
            PythonRuntime runtime,
            Path interpreter,
            PythonHome home,
            ModelManifest manifest,
            ModelResources resources) {
        PythonSpec spec = Objects.requireNonNull(manifest.python());
        PythonLimits limits = runtime.limits().withResident(resources.memoryBytes());
        List<PythonKeeper> keepers = new ArrayList<>();
        for (int i = 0; i < resources.instances(); i++) {
            PythonChild.Plan plan = new PythonChild.Plan(interpreter, limits, resources.threads(), home.scratch(i));
            keepers.add(new PythonKeeper(runtime, plan, order(home, manifest, spec)));
        }
        boolean whole = false;
        try {
            start(keepers, spec);
            whole = true;
            return new PythonPool(limits, home, keepers);
        } finally {
            if (!whole) {
                keepers.forEach(PythonKeeper::close);
            }
        }
    }

    private static ObjectNode order(PythonHome home, ModelManifest manifest, PythonSpec spec) {
        ObjectNode order = Json.object()
                .put("kind", "load")
                .put("folder", home.model().toAbsolutePath().toString());
        order.set("types", Json.tree(spec.types()));
        List<TensorSpec> outputs = manifest.outputs();
        order.set(
                "outputs",
                Json.tree(outputs == null ? List.of(TensorSpec.column(TabularModel.SCORE, DataType.FP64)) : outputs));
        return order;
    }

    private static void start(List<PythonKeeper> keepers, PythonSpec spec) {
        keepers.getFirst().open(spec);
        List<CompletableFuture<Void>> others = keepers.stream()
                .skip(1)
                .map(keeper -> CompletableFuture.runAsync(
                        () -> keeper.open(spec),
                        task -> Thread.ofVirtual().name("python-start").start(task)))
                .toList();
        try {
            CompletableFuture.allOf(others.toArray(CompletableFuture<?>[]::new)).join(); // waits for all
        } catch (CompletionException e) {
            if (e.getCause() instanceof PerennialException refused) {
                throw refused;
            }
            throw e;
        }
    }

    /**
     * Runs the model.
     *
     * @throws ModelFailure when it fails, ends, is not there, or does not answer in time
     */
    List<Tensor> run(List<Part> parts, RunLimit limit) {
        awaitTurn(limit);
        PythonKeeper keeper = taken();
        boolean handedOver = false;
        CompletableFuture<Frame> answer;
        try {
            if (limit.over()) {
                throw late(); // nobody waits: it is not begun
            }
            answer = keeper.call(parts, limit, () -> free(keeper));
            handedOver = true;
        } finally {
            if (!handedOver) {
                free(keeper);
            }
        }
        return outputs(get(answer, limit));
    }

    private synchronized PythonKeeper taken() {
        for (Iterator<PythonKeeper> each = idle.iterator(); each.hasNext(); ) {
            PythonKeeper keeper = each.next();
            if (keeper.prepared()) {
                each.remove();
                return keeper;
            }
        }
        return idle.removeFirst();
    }

    private void free(PythonKeeper keeper) {
        synchronized (this) {
            idle.addLast(keeper);
        }
        turns.release();
    }

    /** The most that one of its processes took. */
    long peakResidentBytes() {
        return all.stream().mapToLong(PythonKeeper::peakResidentBytes).max().orElse(0);
    }

    private void awaitTurn(RunLimit limit) {
        try {
            if (!turns.tryAcquire(millis(limit, limits), TimeUnit.MILLISECONDS)) {
                throw late();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelFailure(Kind.AWAY, "the scorer ends");
        }
    }

    /** How long a call waits for something. */
    static long millis(RunLimit limit, PythonLimits limits) {
        long left = limit.nanosLeft();
        long most = limits.requestMillis();
        return left == Long.MAX_VALUE ? most : Math.min(most, TimeUnit.NANOSECONDS.toMillis(left));
    }

    private static ModelFailure late() {
        return new ModelFailure(Kind.DEADLINE, "the deadline passed before it could answer");
    }

    private static Frame get(CompletableFuture<Frame> answer, RunLimit limit) {
        try {
            long left = limit.nanosLeft();
            return left == Long.MAX_VALUE ? answer.get() : answer.get(left, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw late(); // its process goes on and is ended by its own limit
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ModelFailure failure) {
                throw new ModelFailure(failure.kind(), String.valueOf(failure.getMessage()));
            }
            throw new ModelFailure("its answer was lost", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelFailure(Kind.AWAY, "the scorer ends");
        }
    }

    private static List<Tensor> outputs(Frame answer) {
        if (answer.kind().equals("result")) {
            return answer.tensors();
        }
        JsonNode header = answer.header();
        Kind kind = header.path("fault").asText().equals("input") ? Kind.INPUT : Kind.MODEL;
        throw new ModelFailure(kind, header.path("text").asText("it gave no answer"));
    }

    @Override
    public void close() {
        all.forEach(PythonKeeper::close);
        home.close();
    }
}
