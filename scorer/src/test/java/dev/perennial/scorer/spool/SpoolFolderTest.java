package dev.perennial.scorer.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.ProcessIdentity;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.SegmentHeader;
import dev.perennial.predictionlog.SegmentWriter;
import dev.perennial.predictionlog.ShadowRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose a spool folder is, and what one finds in it who replaces another. */
class SpoolFolderTest {
    @TempDir
    Path spool;

    private final List<SpoolFolder> open = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (SpoolFolder folder : open) {
            folder.close();
        }
    }

    private SpoolFolder open(boolean replace) throws IOException {
        return open(spool, replace);
    }

    private SpoolFolder open(Path where, boolean replace) throws IOException {
        SpoolFolder folder = SpoolFolder.open(
                where, spool, () -> Instant.ofEpochMilli(1_000), new SplittableRandom(where.hashCode()), replace);
        open.add(folder);
        return folder;
    }

    private static Path segment(SpoolFolder folder, long number) throws IOException {
        Path file = folder.openFile(number);
        SegmentHeader header = new SegmentHeader("m", "s1", folder.generation(), number, List.of());
        try (SegmentWriter writer = SegmentWriter.create(file, header)) {
            writer.append(new ShadowRecord("r", "m/2", 10, 10, 0.5, null, new PredictionRecord.Paired("m/1", 0.4)));
        }
        return file;
    }

    private static List<Path> files(SpoolFolder folder) {
        return folder.left().stream().map(SpoolFolder.Left::file).toList();
    }

    @Test
    void whoHasTheFolderIsNamedInIt() throws IOException {
        open(false);
        assertThat(ProcessIdentity.read(spool.resolve("lock")))
                .isEqualTo(ProcessIdentity.of(ProcessHandle.current().pid()));
    }

    @Test
    void aFolderInUseIsRefusedToWhoDoesNotReplace() throws IOException {
        open(false);
        assertThatThrownBy(() -> open(false))
                .isInstanceOf(PerennialException.class)
                .hasMessage("the spool folder " + spool + " is in use by another scorer; give each its own --spool");
    }

    @Test
    void whoReplacesNobodyHasTheFolderAtOnce() throws IOException {
        SpoolFolder folder = open(true);
        assertThat(folder.beside()).isFalse();
        assertThat(folder.before()).isNull();
    }

    @Test
    void whoReplacesLeavesTheFilesOfTheOtherAloneUntilThatOneIsGone() throws IOException {
        SpoolFolder old = open(false);
        Path file = segment(old, 0);
        SpoolFolder next = open(true);
        Path own = segment(next, 0);
        assertThat(next.beside()).isTrue();
        assertThat(next.before())
                .isEqualTo(ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow());
        assertThat(next.generation()).isGreaterThan(old.generation());
        assertThat(next.left()).isEmpty();
        assertThat(next.adopt()).isFalse();
        old.close();
        assertThat(next.adopt()).isTrue();
        assertThat(next.beside()).isFalse();
        assertThat(files(next)).containsExactly(file).doesNotContain(own);
        assertThat(next.sizeBytes()).isEqualTo(Files.size(file));
    }

    @Test
    void onlyOneReplaces() throws IOException {
        open(false);
        open(true);
        assertThatThrownBy(() -> open(true))
                .hasMessage("the spool folder " + spool + " is in use by a scorer and by the one that replaces it");
    }

    @Test
    void whoseReleaseDoesNotSayWhoItIsCannotBeReplaced() throws IOException {
        open(false);
        Files.writeString(spool.resolve("lock"), "");
        assertThatThrownBy(() -> open(true))
                .hasMessage("the scorer that uses " + spool
                        + " is of a release that cannot be replaced while it serves; end"
                        + " it with SIGTERM, then start this one");
    }

    @Test
    void afterOneThatDidNotGetThePlaceAnotherMayTry() throws IOException {
        open(false);
        SpoolFolder gaveUp = open(true);
        gaveUp.close();
        assertThat(open(true).generation()).isGreaterThan(gaveUp.generation());
    }

    @Test
    void runsOfOneFolderHaveOneNameAndRisingGenerations() throws IOException {
        SpoolFolder first = open(false);
        first.close();
        SpoolFolder second = open(false);
        assertThat(second.instance().name()).isEqualTo(first.instance().name()).matches("[0-9a-f]{16}");
        assertThat(second.instance().generation()).isEqualTo(first.instance().generation() + 1);
        assertThat(second.instance().toString()).isEqualTo(second.instance().name() + "/" + second.generation());
    }

    @Test
    void anotherFolderHasAnotherName() throws IOException {
        assertThat(open(spool.resolve("a"), false).instance().name())
                .isNotEqualTo(open(spool.resolve("b"), false).instance().name());
    }

    @Test
    void aNameThatIsNoneIsMadeAnew() throws IOException {
        Files.writeString(spool.resolve("instance"), "half a na");
        String name = open(false).instance().name();
        assertThat(name).matches("[0-9a-f]{16}");
        assertThat(spool.resolve("instance")).hasContent(name);
    }
}
