package dev.perennial.scorer.serving;

import dev.perennial.scorer.Metrics;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelSchema;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Models that are loaded when they are first wanted. All that are loaded may have so many bytes of files together; beyond that the one that
 * was not used for the longest time is closed, never one that runs, and it is loaded again when it is wanted again. Thread-safe.
 */
final class DemandModels {
    private static final long LOAD_SECONDS_MAX = 60;

    private final long bytesMax;
    private final Executor threads;
    private final LongAdder loads;
    private final LongAdder evictions;
    private final Set<Held> all = new HashSet<>();
    private long bytes;
    private long uses;

    DemandModels(long bytesMax, Executor threads, Metrics metrics) {
        this.bytesMax = bytesMax;
        this.threads = threads;
        this.loads = metrics.counter("perennial_scorer_demand_loads_total");
        this.evictions = metrics.counter("perennial_scorer_demand_evictions_total");
        metrics.gauge("perennial_scorer_demand_models_loaded", this::loaded);
        metrics.gauge("perennial_scorer_demand_models_bytes", this::bytes);
        metrics.gauge("perennial_scorer_demand_models_limit_bytes", () -> bytesMax);
    }

    /**
     * A model that is not loaded yet.
     *
     * @param schema what it takes and gives
     * @param fileBytes size of its file
     * @param load loads it; called again after an eviction
     */
    Model of(ModelSchema schema, long fileBytes, Supplier<Model> load) {
        Held held = new Held(fileBytes, load);
        synchronized (this) {
            all.add(held);
        }
        return DemandModel.of(schema, held);
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized int loaded() {
        return (int) all.stream().filter(Held::loaded).count();
    }

    /** Closes idle models, the longest unused first, until the others fit. */
    private void trim() {
        while (bytes > bytesMax) {
            @Nullable Held oldest = null;
            for (Held held : all) {
                if (held.users == 0 && held.loaded() && (oldest == null || held.used < oldest.used)) {
                    oldest = held;
                }
            }
            if (oldest == null) {
                return; // all of them run
            }
            evictions.increment();
            oldest.unload();
        }
    }

    /** One model and who uses it; everything that changes is guarded by the house. */
    final class Held {
        private final long fileBytes;
        private final Supplier<Model> load;
        private @Nullable CompletableFuture<Model> model;
        private int users;
        private long used;
        private boolean counted;
        private boolean closed;

        Held(long fileBytes, Supplier<Model> load) {
            this.fileBytes = fileBytes;
            this.load = load;
        }

        private boolean loaded() {
            return counted;
        }

        /** Begins to load it unless it is loaded; null when it is. */
        @Nullable
        CompletableFuture<Model> loading() {
            synchronized (DemandModels.this) {
                used = ++uses;
                return counted ? null : begun();
            }
        }

        /**
         * Does something with the model, which stays loaded meanwhile; waits for it to be loaded.
         *
         * @throws ModelFailure also when it cannot be loaded
         */
        <T> T use(Function<Model, T> work) {
            CompletableFuture<Model> wanted;
            synchronized (DemandModels.this) {
                users++;
                used = ++uses;
                wanted = begun();
            }
            try {
                return work.apply(wanted.get(LOAD_SECONDS_MAX, TimeUnit.SECONDS));
            } catch (ExecutionException e) {
                Throwable why = e.getCause() == null ? e : e.getCause();
                throw new ModelFailure("it cannot be loaded: " + why.getMessage());
            } catch (TimeoutException e) {
                throw new ModelFailure("it is not loaded after " + LOAD_SECONDS_MAX + " s");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ModelFailure("interrupted while it was loaded");
            } finally {
                synchronized (DemandModels.this) {
                    users--;
                    trim();
                }
            }
        }

        private CompletableFuture<Model> begun() {
            CompletableFuture<Model> wanted = model;
            if (wanted == null) {
                loads.increment();
                CompletableFuture<Model> loading = CompletableFuture.supplyAsync(load, threads);
                model = loading;
                loading.whenComplete((done, failure) -> ended(loading, done));
                wanted = loading; // one that failed at once is no longer the model
            }
            return wanted;
        }

        private void ended(CompletableFuture<Model> loading, @Nullable Model done) {
            synchronized (DemandModels.this) {
                if (done == null) {
                    model = model == loading ? null : model; // the next call tries again
                } else if (closed) {
                    done.close();
                } else {
                    counted = true;
                    bytes += fileBytes;
                    trim();
                }
            }
        }

        private void unload() {
            if (model != null && counted) {
                model.join().close();
                bytes -= fileBytes;
            }
            counted = false;
            model = null;
        }

        /** Nobody wants it any more. */
        void close() {
            synchronized (DemandModels.this) {
                closed = true;
                all.remove(this);
                unload();
            }
        }
    }
}
