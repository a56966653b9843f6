package dev.perennial.scoring.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.scoring.python.ModelFolder.Entry;
import dev.perennial.testkit.PythonModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFolderTest {
    private static final Digest NOTHING = Digest.of("");
    private static final Entry MLMODEL = new Entry("MLmodel", NOTHING, 0);

    @TempDir
    Path folder;

    private Entry blob(String path, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Entry(path, PythonModels.put(folder.resolve("blobs"), bytes), bytes.length);
    }

    private static void refused(List<Entry> entries, String why) {
        assertThatThrownBy(() -> new ModelFolder(entries)).hasMessage("the model manifest's 'files' list " + why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/etc/passwd", "../up", "a/../b", "a//b", "a/", ".", "a/.", "a\\b", "nul\0"})
    void aPathThatMayLeadOutIsRefused(String path) {
        refused(
                List.of(MLMODEL, new Entry(path, NOTHING, 0)),
                "the path '" + path + "', which may lead out of the folder");
    }

    @Test
    void oddNamesThatStayInsideAreTaken() {
        List<Entry> entries = List.of(MLMODEL, new Entry("code/..a/b c.py", NOTHING, 1), new Entry("...", NOTHING, 1));
        assertThat(new ModelFolder(entries).files()).isEqualTo(entries);
    }

    @Test
    void aFolderHasItsMlmodelAndEachFileOnce() {
        refused(List.of(), "0 files; 1 to 10000 are possible");
        refused(List.of(new Entry("model.pkl", NOTHING, 0)), "no file 'MLmodel'");
        refused(List.of(MLMODEL, MLMODEL), "'MLmodel' twice");
        refused(List.of(MLMODEL, new Entry("a", NOTHING, -1)), "a file without path, digest or size");
    }

    @Test
    void filesAndBytesAreBounded() {
        refused(List.of(MLMODEL, new Entry("a", NOTHING, (4L << 30) + 1)), "more than 4294967296 bytes");
        List<Entry> many = new ArrayList<>();
        for (int i = 0; i < 10_001; i++) {
            many.add(new Entry("f" + i, NOTHING, 0));
        }
        refused(many, "10001 files; 1 to 10000 are possible");
    }

    @Test
    void filesAreCopiedReadOnlyWithTheirFolders() throws IOException {
        ModelFolder files = new ModelFolder(List.of(blob("MLmodel", "flavors"), blob("code/deep/a.py", "pass")));
        files.copy(folder.resolve("blobs"), folder.resolve("copy"));
        Path copied = folder.resolve("copy").resolve("code").resolve("deep").resolve("a.py");
        assertThat(copied).hasContent("pass");
        assertThat(Files.getPosixFilePermissions(copied).toString()).doesNotContain("WRITE");
        assertThat(folder.resolve("copy").resolve("MLmodel")).hasContent("flavors");
    }

    @Test
    void aMissingBlobIsNamedWithItsFile() throws IOException {
        ModelFolder files = new ModelFolder(List.of(blob("MLmodel", "flavors"), new Entry("a.pkl", NOTHING, 0)));
        assertThatThrownBy(() -> files.copy(folder.resolve("blobs"), folder.resolve("copy")))
                .hasMessage(
                        "blob " + NOTHING + ", the file 'a.pkl' of the model, is not in " + folder.resolve("blobs"));
    }

    @Test
    void aFileInTheWayOfAFolderIsAnError() throws IOException {
        ModelFolder files = new ModelFolder(List.of(blob("MLmodel", "x"), blob("a", "x"), blob("a/b", "x")));
        assertThatThrownBy(() -> files.copy(folder.resolve("blobs"), folder.resolve("copy")))
                .isInstanceOf(IOException.class);
    }
}
