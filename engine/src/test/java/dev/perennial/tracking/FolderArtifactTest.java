package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as plain files: everything that the blob store does, and what only a folder can get wrong. */
class FolderArtifactTest extends ArtifactContract {
    @Override
    StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }

    @Override
    ArtifactSettings artifactSettings(Path folder) {
        return new ArtifactSettings(Optional.of(folder.resolve("mlartifacts")), Optional.empty());
    }

    private Path place(String path) {
        return folder.resolve("mlartifacts").resolve(ROOT + path);
    }

    private Path outside(String text) throws IOException {
        Path secret = folder.resolve("outside").resolve("secret.txt");
        Files.createDirectories(secret.getParent());
        return Files.writeString(secret, text);
    }

    @Override
    void many(String path, List<String> names) {
        try {
            Path many = Files.createDirectories(folder.resolve("mlartifacts").resolve(path));
            for (String name : names) {
                Files.createFile(many.resolve(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void filesLieWhereTheirPathsSay() {
        put("a/b c.txt", "text");
        assertThat(place("a/b c.txt")).hasContent("text");
    }

    @Test
    void aFolderThatIsThereIsTakenOver() throws IOException {
        Files.createDirectories(place("old"));
        Files.writeString(place("old/model.pkl"), "bytes");
        assertThat(listed("old")).containsExactly("model.pkl");
        assertThat(text("old/model.pkl")).isEqualTo("bytes");
        assertThat(tracking.artifacts().freeze(ArtifactPath.of(ROOT + "old")).size())
                .isEqualTo(5);
    }

    @Test
    void noLinkLeadsOutOfTheFolder() throws IOException {
        Path secret = outside("secret");
        put("a", "");
        Files.createSymbolicLink(place("link"), secret);
        Files.createSymbolicLink(place("door"), secret.getParent());
        assertThat(listed("")).containsExactly("a");
        assertThat(listed("door")).isEmpty();
        refused(ErrorCode.NOT_FOUND, () -> text("link"));
        refused(ErrorCode.NOT_FOUND, () -> text("door/secret.txt"));
        assertThatThrownBy(() -> put("door/new.txt", "x")).hasMessage("Invalid path");
        refused(ErrorCode.NOT_FOUND, () -> tracking.artifacts().delete(ArtifactPath.of(ROOT + "door/secret.txt")));
        assertThat(tracking.artifacts().freeze(ArtifactPath.of(ROOT)).files())
                .extracting(ArtifactManifest.Entry::path)
                .containsExactly("a");
        assertThat(secret).hasContent("secret");
        assertThat(secret.getParent().resolve("new.txt")).doesNotExist();
    }

    @Test
    void aLinkIsReplacedOrDeletedAndNeverWhatItLeadsTo() throws IOException {
        Path secret = outside("secret");
        put("folder/a", "");
        Files.createSymbolicLink(place("link"), secret);
        Files.createSymbolicLink(place("folder/door"), secret.getParent());
        put("link", "new");
        tracking.artifacts().delete(ArtifactPath.of(ROOT + "folder"));
        assertThat(text("link")).isEqualTo("new");
        assertThat(listed("")).containsExactly("link");
        assertThat(secret).hasContent("secret");
    }

    @Test
    void aFileWithASecondNameIsNotReadAndReplacingItLeavesTheOther() throws IOException {
        Path secret = outside("secret");
        put("a", "");
        Files.createLink(place("hard"), secret);
        assertThatThrownBy(() -> text("hard"))
                .hasMessageContaining("artifacts/hard' has 2 hard links and could belong to another folder");
        assertThatThrownBy(() -> tracking.artifacts().freeze(ArtifactPath.of(ROOT)))
                .hasMessageContaining("artifacts/hard' has 2 hard links");
        put("hard", "mine");
        assertThat(text("hard")).isEqualTo("mine");
        assertThat(secret).hasContent("secret");
    }

    @Test
    void whatAKilledProcessLeftIsRemovedAndNeverShown() throws IOException {
        Path unfinished = folder.resolve("mlartifacts").resolve(".perennial-unfinished");
        Files.writeString(unfinished.resolve("put123"), "half");
        assertThat(tracking.artifacts().list(ArtifactPath.of(""))).isEmpty();
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> tracking.artifacts().open(ArtifactPath.of(".perennial-unfinished/put123")));
        close();
        open();
        assertThat(unfinished).isEmptyDirectory();
    }

    @Test
    void aFileThatBreaksOffLeavesNothingBehind() {
        aFileThatBreaksOffIsNotThere();
        assertThat(folder.resolve("mlartifacts").resolve(".perennial-unfinished"))
                .isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 4000})
    void aNameThatAFolderCannotKeepIsRefused(int length) {
        assertThatThrownBy(() -> put("x".repeat(length), "")).hasMessageContaining("longer than the 255 bytes");
    }
}
