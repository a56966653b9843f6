package dev.perennial.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldersTest {
    @TempDir
    Path dir;

    @Test
    void removesAFolderWithAllThatIsInIt() throws Exception {
        Path folder = Files.createDirectories(dir.resolve("a/b")).getParent();
        Files.writeString(folder.resolve("b/file"), "x");
        Folders.remove(folder);
        assertThat(folder).doesNotExist();
        assertThat(dir).exists();
    }

    @Test
    void removesALinkAndNotWhatItLeadsTo() throws Exception {
        Path kept = Files.createDirectory(dir.resolve("kept"));
        Files.writeString(kept.resolve("file"), "x");
        Path folder = Files.createDirectory(dir.resolve("folder"));
        Files.createSymbolicLink(folder.resolve("link"), kept);
        Folders.remove(folder);
        assertThat(folder).doesNotExist();
        assertThat(kept.resolve("file")).hasContent("x");
    }

    @Test
    void whatIsNotThereIsSaid() {
        assertThatThrownBy(() -> Folders.remove(dir.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }
}
