package dev.perennial.scorer.serving;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.config.BlobSource;
import dev.perennial.scorer.config.ScorerConfig.ModelFiles;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFile;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.python.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Loaded models by the digests of their files, each loaded once, closed when its last user is gone. Loads run beside each other on as many
 * threads as there are processors; a slow one holds up nobody who does not want that model. Thread-safe.
 */
final class ModelCache {
    private static final int FOLDER_DIGITS = 2;

    private final Path blobs;
    private final ModelLoader loader;
    private final BlobSource source;
    private final Environments environments;
    private final ThreadPoolExecutor threads;
    private final DemandModels onDemand;
    private final Map<ModelFiles, Use> models = new HashMap<>();

    private static final class Use {
        private final CompletableFuture<Model> model;
        private int users;

        Use(CompletableFuture<Model> model) {
            this.model = model;
        }
    }

    ModelCache(Path blobs, ModelLoader loader, long demandBytes, Metrics metrics) {
        this(blobs, loader, BlobSource.LOCAL, Environments.PREPARED, demandBytes, metrics);
    }

    /**
     * @param source of files that are not there
     * @param environments of Python models
     * @param demandBytes of all files whose models are loaded on demand
     */
    ModelCache(
            Path blobs,
            ModelLoader loader,
            BlobSource source,
            Environments environments,
            long demandBytes,
            Metrics metrics) {
        this.blobs = blobs;
        this.loader = loader;
        this.source = source;
        this.environments = environments;
        int most = Runtime.getRuntime().availableProcessors();
        this.threads = new ThreadPoolExecutor(
                most,
                most,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> Thread.ofPlatform().daemon().name("model-loader").unstarted(task));
        threads.allowCoreThreadTimeOut(true);
        this.onDemand = new DemandModels(demandBytes, threads, metrics);
    }

    /** The model, perhaps still loading. Every acquire needs its release, also when loading fails. */
    synchronized CompletableFuture<Model> acquire(ModelFiles files) {
        Use use = models.computeIfAbsent(
                files,
                wanted -> new Use(
                        CompletableFuture.supplyAsync(() -> wanted.demand() ? later(wanted) : load(wanted), threads)));
        use.users++;
        return use.model;
    }

    synchronized void release(ModelFiles files) {
        Use use = models.get(files);
        if (use != null && --use.users == 0) {
            models.remove(files);
            use.model.thenAccept(Model::close);
        }
    }

    /** Models that are loaded. */
    synchronized int size() {
        return (int) models.values().stream()
                .filter(use -> use.model.isDone() && !use.model.isCompletedExceptionally())
                .filter(use -> !(use.model.join() instanceof DemandModel))
                .count();
    }

    /** A model that is loaded when it is wanted; a manifest that does not tell the schema makes it be loaded once for that. */
    private Model later(ModelFiles files) {
        ModelManifest manifest = ModelManifest.parse(manifest(files.manifest()));
        environments.of(manifest, files.environment());
        Path path = path(files.file());
        bring(files.file(), path);
        try {
            long bytes = Files.size(path) * files.uses().instances();
            return onDemand.of(schema(files, manifest), bytes, () -> load(files));
        } catch (NoSuchFileException e) {
            throw missing(files.file());
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private ModelSchema schema(ModelFiles files, ModelManifest manifest) {
        Signature columns = manifest.columns();
        if (columns != null) {
            return ModelSchema.ofColumns(columns);
        }
        if (manifest.inputs() != null && manifest.outputs() != null) {
            return new ModelSchema(manifest.inputs(), manifest.outputs(), null);
        }
        try (Model once = load(files)) {
            return once.schema();
        }
    }

    private Model load(ModelFiles files) {
        ModelManifest manifest = ModelManifest.parse(manifest(files.manifest()));
        String environment = environments.of(manifest, files.environment());
        Path path = path(files.file());
        bring(files.file(), path);
        try (ModelFile file = ModelFile.open(path)) {
            verify(path, files.file(), file.digest());
            bring(manifest.files());
            return Warmup.warm(loader.load(manifest, file.bytes(), environment, files.uses()));
        } catch (NoSuchFileException e) {
            throw missing(files.file());
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private byte[] manifest(String digest) {
        Path path = path(digest);
        bring(digest, path);
        try {
            byte[] bytes = Files.readAllBytes(path);
            verify(path, digest, Digest.of(bytes));
            return bytes;
        } catch (NoSuchFileException e) {
            throw missing(digest);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private void bring(String digest, Path path) {
        try {
            source.ensure(digest, path);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /** The files of a model that is a folder; a damaged one is thrown away, so that the next try fetches it again. */
    private void bring(List<ModelFolder.Entry> folder) throws IOException {
        if (source == BlobSource.LOCAL) {
            return; // whoever copies them verifies them
        }
        for (ModelFolder.Entry entry : folder) {
            String digest = entry.digest().hex();
            Path path = path(digest);
            bring(digest, path);
            verify(path, digest, Digest.ofFile(path));
        }
    }

    private Path path(String digest) {
        return blobs.resolve(digest.substring(0, FOLDER_DIGITS)).resolve(digest.substring(FOLDER_DIGITS));
    }

    private void verify(Path file, String digest, Digest found) throws IOException {
        if (!found.hex().equals(digest)) {
            source.damaged(file);
            throw new PerennialException(
                    ErrorCode.INVALID_STATE,
                    "blob " + file + " does not hold what its name says: expected sha256 " + digest + ", found sha256 "
                            + found + "; restore it");
        }
    }

    private PerennialException missing(String digest) {
        return PerennialException.notFound("blob " + digest + " is not in " + blobs);
    }

    private static PerennialException unreadable(Path file, IOException e) {
        return new PerennialException(ErrorCode.UNAVAILABLE, "cannot read blob " + file + ": " + e, null, e);
    }
}
