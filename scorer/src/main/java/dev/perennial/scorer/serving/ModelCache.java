package dev.perennial.scorer.serving;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.config.ScorerConfig.ModelFiles;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Loaded models by the digests of their files, each once, closed when its last user is gone. Thread-safe. */
final class ModelCache {
    private static final int FOLDER_DIGITS = 2;

    private final Path blobs;
    private final ModelLoader loader;
    private final Map<ModelFiles, Use> models = new HashMap<>();

    private static final class Use {
        private final Model model;
        private int users;

        Use(Model model) {
            this.model = model;
        }
    }

    ModelCache(Path blobs, ModelLoader loader) {
        this.blobs = blobs;
        this.loader = loader;
    }

    /** Every acquire needs its release. */
    synchronized Model acquire(ModelFiles files) {
        Use use = models.get(files);
        if (use == null) {
            use = new Use(loader.load(blob(files.manifest()), blob(files.file())));
            models.put(files, use);
        }
        use.users++;
        return use.model;
    }

    synchronized void release(ModelFiles files) {
        Use use = models.get(files);
        if (use != null && --use.users == 0) {
            models.remove(files);
            use.model.close();
        }
    }

    synchronized int size() {
        return models.size();
    }

    private byte[] blob(String digest) {
        Path file = blobs.resolve(digest.substring(0, FOLDER_DIGITS)).resolve(digest.substring(FOLDER_DIGITS));
        try {
            byte[] bytes = Files.readAllBytes(file);
            Digest found = Digest.of(bytes);
            if (!found.hex().equals(digest)) {
                throw new PerennialException(
                        ErrorCode.INVALID_STATE,
                        "blob " + file + " does not hold what its name says: expected sha256 " + digest
                                + ", found sha256 " + found + "; restore it");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw PerennialException.notFound("blob " + digest + " is not in " + blobs);
        } catch (IOException e) {
            throw new PerennialException(ErrorCode.UNAVAILABLE, "cannot read blob " + file + ": " + e, null, e);
        }
    }
}
