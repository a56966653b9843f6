package dev.perennial.pipelines;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.AttemptRows.AttemptRow;
import dev.perennial.pipelines.AttemptRows.End;
import dev.perennial.pipelines.Transitions.Made;
import dev.perennial.store.BlobStore;
import dev.perennial.store.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commit of a worker's output: staged files are hashed into the blob store, then one transaction makes them the step's. Nothing is
 * hashed inside the transaction, and nothing is visible before it.
 */
final class Commits {
    private static final Logger LOG = LoggerFactory.getLogger(Commits.class);

    private final Database database;
    private final BlobStore blobs;
    private final Path staging;
    private final Transitions transitions;
    private final WorkerLauncher launcher;

    Commits(EngineResources resources, Transitions transitions, WorkerLauncher launcher) {
        this.database = resources.database();
        this.blobs = resources.blobs();
        this.staging = resources.staging().toAbsolutePath();
        this.transitions = transitions;
        this.launcher = launcher;
    }

    /** The staging folder of an attempt. */
    Path staging(AttemptRow attempt) {
        return staging.resolve(attempt.run().text()).resolve(attempt.path()).resolve(Integer.toString(attempt.no()));
    }

    private Path resultFile(AttemptRow attempt) {
        Path folder = staging(attempt);
        return folder.resolveSibling(folder.getFileName() + ".result.json");
    }

    /** Commits a result; false when the attempt is no longer the one that counts. */
    boolean commit(AttemptRow attempt, WorkerResult result) {
        Map<String, Digest> digests = new TreeMap<>();
        Map<String, Long> sizes = new TreeMap<>();
        result.files().forEach((name, relative) -> {
            Path file = inside(attempt, name, relative);
            digests.put(name, blobs.putFile(file));
            sizes.put(name, file.toFile().length());
        });
        Made made = new Made(result.values(), digests, sizes);
        End end = End.success(
                result.usage().cpuMillis(), result.usage().peakRssBytes(), launcher.logSize(attempt.owner()));
        boolean won = database.write(tx -> {
            AttemptRow now = AttemptRows.attempt(tx.sql(), attempt.run(), attempt.path(), attempt.no())
                    .orElseThrow();
            if (now.state() != AttemptState.RUNNING) {
                return now.state() == AttemptState.SUCCEEDED;
            }
            transitions.succeed(tx, now, made, end);
            Transitions.beforeCommit();
            return true;
        });
        Transitions.afterCommit();
        return won;
    }

    /** Commits what a dead worker left, if it got so far. */
    boolean fromResultFile(AttemptRow attempt) {
        Path file = resultFile(attempt);
        if (!Files.exists(file)) {
            return false;
        }
        try {
            return commit(attempt, Json.read(Files.readString(file), WorkerResult.class));
        } catch (PerennialException e) {
            if (e.code().retryable()) {
                throw e;
            }
            LOG.warn(
                    "the result of a dead worker is unusable run={} path={} why={}",
                    attempt.run(),
                    attempt.path(),
                    e.getMessage());
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private Path inside(AttemptRow attempt, String name, String relative) {
        Path folder = staging(attempt);
        try {
            Path file = folder.resolve(relative).toRealPath();
            if (file.startsWith(folder.toRealPath()) && Files.isRegularFile(file)) {
                return file;
            }
            throw PerennialException.invalid(
                    "files",
                    "output file '" + name + "' at '" + relative + "' is not a file inside the staging folder");
        } catch (IOException e) {
            throw PerennialException.invalid(
                    "files", "output file '" + name + "' was declared at '" + relative + "' but is not there");
        }
    }

    /** Removes what attempts of an ended run have staged. */
    void sweepStaging(RunId run) {
        Path folder = staging.resolve(run.text());
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            LOG.warn("staging folder not removed, the next start tries again folder={} why={}", folder, e.getMessage());
        }
    }

    /** Names of the runs that have a staging folder. */
    Stream<String> staged() {
        String[] names = staging.toFile().list();
        return names == null ? Stream.empty() : Stream.of(names);
    }
}
