package dev.perennial.worker.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.worker.StepFailure;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * The file that the result becomes: it appears whole, and another file of that name is replaced only by force. What a killed attempt left
 * is found again or removed.
 */
final class ResultFile {
    private final ScoreOrder order;
    private final Path staging;
    private final Path mark;

    /** A finished result. */
    record Done(long rows, long errors, long bytes, Digest digest) {}

    ResultFile(ScoreOrder order, Path staging) {
        this.order = order;
        this.staging = staging;
        this.mark = order.folder().resolve("done.json");
    }

    /** The folder of the result as it is on the disk. */
    Path folder() throws IOException {
        Path folder = order.output().toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw refused("cannot write " + order.output() + ": its folder is not there");
        }
        return folder.toRealPath();
    }

    private Path target() throws IOException {
        return folder().resolve(order.output().getFileName());
    }

    /** What an earlier attempt published before it could say so. */
    Optional<Done> finished() throws IOException {
        if (!Files.exists(mark) || !Files.exists(target())) {
            return Optional.empty();
        }
        JsonNode known = Json.parse(Files.readAllBytes(mark));
        Done done = new Done(
                known.path("rows").asLong(),
                known.path("errors").asLong(),
                known.path("bytes").asLong(),
                new Digest(known.path("digest").asText()));
        boolean same =
                Files.size(target()) == done.bytes() && Digest.ofFile(target()).equals(done.digest());
        return same ? Optional.of(done) : Optional.empty();
    }

    /** @throws StepFailure when a file of that name is there and may not be replaced */
    void refuseForeign() throws IOException {
        if (!order.force() && Files.exists(target())) {
            throw there();
        }
    }

    private StepFailure there() {
        return refused(order.output() + " is there already; give another name, or --force to replace it");
    }

    private static StepFailure refused(String why) {
        return new StepFailure(StepFailure.Kind.CONFIG, why);
    }

    /** A name beside the result, of this attempt alone; what earlier attempts left goes. */
    Path growing() throws IOException {
        String prefix = "." + order.output().getFileName() + "." + order.id() + ".";
        try (DirectoryStream<Path> left = Files.newDirectoryStream(
                folder(), entry -> entry.getFileName().toString().startsWith(prefix))) {
            for (Path file : left) {
                Files.deleteIfExists(file);
            }
        }
        return folder().resolve(prefix + Digest.of(staging.toString()).shortHex());
    }

    /** Gives the grown file its name. */
    Done publish(Path growing, long rows, long errors) throws IOException {
        Parts.durable(growing);
        Done done = new Done(rows, errors, Files.size(growing), Digest.ofFile(growing));
        InputMark.write(mark, Json.tree(done));
        CrashPoint.hit("worker.score.marked");
        if (order.force()) {
            Files.move(growing, target(), StandardCopyOption.ATOMIC_MOVE);
        } else {
            moveWithoutReplacing(growing);
        }
        CrashPoint.hit("worker.score.published");
        return done;
    }

    /** A move would replace a file that came to be meanwhile; a link does not. */
    private void moveWithoutReplacing(Path growing) throws IOException {
        try {
            Files.createLink(target(), growing);
            Files.delete(growing);
        } catch (FileAlreadyExistsException e) {
            Files.delete(growing);
            throw there();
        } catch (UnsupportedOperationException e) {
            refuseForeign();
            Files.move(growing, target(), StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
