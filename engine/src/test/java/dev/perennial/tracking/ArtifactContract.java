package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of runs on every dialect. Each runs all of it. */
abstract class ArtifactContract extends TrackingFixture {
    private static final String ROOT = "0/run/artifacts/";

    private void put(String path, String text) {
        tracking.artifacts()
                .put(ArtifactPath.of(ROOT + path), new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private String text(String path) throws IOException {
        return Files.readString(tracking.artifacts().file(ArtifactPath.of(ROOT + path)));
    }

    private List<String> listed(String path) {
        return tracking.artifacts().list(ArtifactPath.of(ROOT + path)).stream()
                .map(ArtifactFile::name)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b",
                "a+b",
                "100%",
                "größe",
                "日本",
                "a;b",
                "...",
                "-",
                "CON",
                "a'b",
                "a very long name that goes on and on and on"
            })
    void anyNameThatIsAPathIsKeptAsItIs(String name) throws IOException {
        put("folder/" + name, name);
        assertThat(listed("folder")).containsExactly(name);
        assertThat(text("folder/" + name)).isEqualTo(name);
    }

    @Test
    void namesAreListedByTheirCharacters() {
        List.of("b", "a", "B", "_", "10", "9").forEach(name -> put(name, ""));
        assertThat(listed("")).containsExactly("10", "9", "B", "_", "a", "b");
    }

    @Test
    void onlyDirectChildrenAreListed() {
        put("a/b/c/d.txt", "1");
        put("a/e.txt", "22");
        assertThat(tracking.artifacts().list(ArtifactPath.of(ROOT + "a")))
                .containsExactly(new ArtifactFile("b", null), new ArtifactFile("e.txt", 2L));
        assertThat(listed("a/b")).containsExactly("c");
    }

    @Test
    void patternsInNamesAreNoPatterns() throws IOException {
        put("a_c/x", "1");
        put("abc/x", "2");
        put("a%/x", "3");
        tracking.artifacts().delete(ArtifactPath.of(ROOT + "a_c"));
        tracking.artifacts().delete(ArtifactPath.of(ROOT + "a%"));
        assertThat(text("abc/x")).isEqualTo("2");
        assertThat(listed("")).containsExactly("abc");
    }

    @Test
    void whatIsReplacedIsReadWholeByWhoeverHasIt() throws IOException {
        put("f", "first");
        Path held = tracking.artifacts().file(ArtifactPath.of(ROOT + "f"));
        put("f", "second");
        assertThat(held).hasContent("first");
        assertThat(text("f")).isEqualTo("second");
        assertThat(tracking.artifacts().list(ArtifactPath.of(ROOT))).containsExactly(new ArtifactFile("f", 6L));
    }

    @Test
    void aFileThatBreaksOffIsNotThere() {
        InputStream broken = new InputStream() {
            private int left = 100_000;

            @Override
            public int read() {
                if (left-- == 0) {
                    throw new UncheckedIOException(new IOException("gone"));
                }
                return 'x';
            }
        };
        assertThatThrownBy(() -> tracking.artifacts().put(ArtifactPath.of(ROOT + "f"), broken))
                .hasMessageContaining("gone");
        assertThat(listed("")).isEmpty();
        refused(ErrorCode.NOT_FOUND, () -> text("f"));
    }

    @Test
    void aLargeFileComesBackWhole() throws IOException {
        byte[] bytes = new byte[9 << 20];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + i / 977);
        }
        tracking.artifacts().put(ArtifactPath.of(ROOT + "large"), new ByteArrayInputStream(bytes));
        assertThat(Files.readAllBytes(tracking.artifacts().file(ArtifactPath.of(ROOT + "large"))))
                .isEqualTo(bytes);
    }

    @Test
    void writersOfOneFolderAtOnceLoseNothing() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                String name = "deep/er/f" + i % 8;
                all.add(threads.submit(() -> put(name, name)));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(listed("deep/er")).hasSize(8);
        assertThat(text("deep/er/f3")).isEqualTo("deep/er/f3");
    }

    @ParameterizedTest
    @CsvSource({"f, f/x, is a file and cannot hold others", "d/x, d, is a directory and cannot be replaced by a file"})
    void filesAndFoldersDoNotReplaceEachOther(String first, String second, String told) throws IOException {
        put(first, "stays");
        assertThatThrownBy(() -> put(second, "new")).hasMessageContaining(told);
        assertThat(text(first)).isEqualTo("stays");
    }

    @Test
    void whatIsNotThereCannotBeDeletedOrRead() {
        refused(ErrorCode.NOT_FOUND, () -> tracking.artifacts().delete(ArtifactPath.of(ROOT + "absent")));
        refused(ErrorCode.NOT_FOUND, () -> tracking.artifacts().file(ArtifactPath.of("")));
        assertThat(listed("absent")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "mlflow-artifacts:/0/r/artifacts, 0/r/artifacts",
        "mlflow-artifacts://host:80/0/r/artifacts, 0/r/artifacts",
        "mlflow-artifacts://host, ''",
        "s3://bucket/0/r, ",
        "file:/x, ",
    })
    void theFolderOfARunFollowsFromItsAddress(String uri, String folder) {
        RunInfo run = new RunInfo("r", 0, "n", "", RunStatus.RUNNING, null, null, uri, Stage.ACTIVE);
        assertThat(Artifacts.directory(run).map(ArtifactPath::text).orElse(null))
                .isEqualTo(folder);
    }
}
