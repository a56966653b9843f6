package dev.perennial.scorer.serving;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.config.ScorerConfig.EndpointConfig;
import dev.perennial.scorer.config.ScorerConfig.ModelFiles;
import dev.perennial.scorer.config.ScorerConfig.VariantConfig;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** An endpoint whose models are loading. It uses them until it is closed. One thread. */
final class Arriving implements AutoCloseable {
    private final EndpointConfig config;
    private final ModelCache cache;
    private final List<CompletableFuture<Model>> models = new ArrayList<>();

    /** Begins to load what is not loaded yet. */
    Arriving(EndpointConfig config, ModelCache cache) {
        this.config = config;
        this.cache = cache;
        config.loaded().forEach(variant -> models.add(cache.acquire(variant.model())));
    }

    /** Waits until at least one of them has nothing left to load. */
    static void awaitOne(List<Arriving> several) {
        CompletableFuture.anyOf(several.stream().map(Arriving::settled).toArray(CompletableFuture<?>[]::new))
                .join();
    }

    private CompletableFuture<Boolean> settled() {
        return CompletableFuture.allOf(models.toArray(CompletableFuture<?>[]::new))
                .handle((none, failure) -> true); // what failed is told by model
    }

    EndpointConfig config() {
        return config;
    }

    boolean done() {
        return models.stream().allMatch(CompletableFuture::isDone);
    }

    /**
     * The model of a variant, once {@link #done}.
     *
     * @throws PerennialException when it cannot be loaded, be it for lack of memory or of a library
     * @throws ModelFailure when it fails on its own example
     * @throws NotPrepared when its environment is not there yet
     */
    Model model(VariantConfig variant) {
        try {
            return models.get(config.loaded().indexOf(variant)).join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case PerennialException refused -> throw refused;
                case ModelFailure failed -> throw failed;
                case NotPrepared waiting -> throw waiting;
                case null, default -> throw PerennialException.internal("loading it ended with " + e.getCause(), e);
            }
        }
    }

    /** Files of the models that were loaded. */
    List<ModelFiles> loaded() {
        List<ModelFiles> files = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            if (!models.get(i).isCompletedExceptionally()) {
                files.add(config.loaded().get(i).model());
            }
        }
        return files;
    }

    @Override
    public void close() {
        config.loaded().forEach(variant -> cache.release(variant.model()));
    }
}
