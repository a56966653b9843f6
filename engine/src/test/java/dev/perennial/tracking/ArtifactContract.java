package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of runs on every dialect. Each runs all of it. */
abstract class ArtifactContract extends TrackingFixture {
    static final String ROOT = "0/run/artifacts/";

    void put(String path, String text) {
        tracking.artifacts()
                .put(ArtifactPath.of(ROOT + path), new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    String text(String path) throws IOException {
        return text(tracking.artifacts(), ROOT + path);
    }

    List<String> listed(String path) {
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
        try (OpenArtifact held = tracking.artifacts().open(ArtifactPath.of(ROOT + "f"));
                InputStream stream = held.stream()) {
            put("f", "second");
            assertThat(held.size()).isEqualTo(5);
            assertThat(stream.readAllBytes()).isEqualTo("first".getBytes(StandardCharsets.UTF_8));
        }
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
        assertThat(bytes(tracking.artifacts(), ROOT + "large")).isEqualTo(bytes);
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
        refused(ErrorCode.NOT_FOUND, () -> tracking.artifacts().open(ArtifactPath.of("")));
        assertThat(listed("absent")).isEmpty();
    }

    @Test
    void tenThousandFilesAreListedByName() {
        List<String> names = IntStream.range(0, 10_000)
                .mapToObj(i -> String.format(Locale.ROOT, "f%05d", i))
                .toList();
        many(ROOT + "many", names);
        assertThat(listed("many")).containsExactlyElementsOf(names);
    }

    /** Makes empty files at the driver's own cost, not at that of ten thousand uploads. */
    abstract void many(String folder, List<String> names);

    @Test
    void aFrozenFolderKeepsItsFilesWhateverIsStoredLater() throws IOException {
        put("model/MLmodel", "first");
        put("model/data/model.pkl", "weights");
        put("other", "not of it");
        ArtifactManifest manifest = tracking.artifacts().freeze(ArtifactPath.of(ROOT + "model"));
        put("model/MLmodel", "second");
        tracking.artifacts().delete(ArtifactPath.of(ROOT + "model/data"));
        assertThat(manifest.files())
                .extracting(ArtifactManifest.Entry::path)
                .containsExactly("MLmodel", "data/model.pkl");
        assertThat(manifest.size()).isEqualTo(12);
        ArtifactManifest read = tracking.artifacts().manifest(manifest.digest());
        assertThat(read).isEqualTo(manifest);
        assertThat(tracking.artifacts().file(read, "MLmodel")).hasContent("first");
        assertThat(tracking.artifacts().file(read, "data/model.pkl")).hasContent("weights");
        tracking.artifacts().requireWhole(read);
    }

    @Test
    void equalFoldersHaveEqualManifests() {
        for (String folder : List.of("a", "b")) {
            put(folder + "/z", "1");
            put(folder + "/y/x", "2");
        }
        assertThat(tracking.artifacts().freeze(ArtifactPath.of(ROOT + "a")).digest())
                .isEqualTo(
                        tracking.artifacts().freeze(ArtifactPath.of(ROOT + "b")).digest());
    }

    @Test
    void oneFileAndNothingCanBeFrozenToo() {
        put("single", "x");
        assertThat(tracking.artifacts().freeze(ArtifactPath.of(ROOT + "single")).files())
                .extracting(ArtifactManifest.Entry::path)
                .containsExactly("single");
        assertThat(tracking.artifacts().freeze(ArtifactPath.of(ROOT + "absent")).files())
                .isEmpty();
    }

    @Test
    void aFrozenFileThatIsMissingOrChangedIsNamed() throws IOException {
        put("model/MLmodel", "gone");
        put("model/weights", "changed");
        ArtifactManifest manifest = tracking.artifacts().freeze(ArtifactPath.of(ROOT + "model"));
        Files.delete(blob(manifest, "MLmodel"));
        assertThatThrownBy(() -> tracking.artifacts().file(manifest, "MLmodel"))
                .hasMessageStartingWith("the frozen file 'MLmodel' is missing: expected sha256 ");
        Path weights = blob(manifest, "weights");
        Files.setPosixFilePermissions(weights, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(weights, "short");
        assertThatThrownBy(() -> tracking.artifacts()
                        .requireWhole(new ArtifactManifest(
                                List.of(manifest.find("weights").orElseThrow()))))
                .hasMessageStartingWith("the frozen file 'weights' has changed: expected sha256 " + Digest.of("changed")
                        + ", found sha256 " + Digest.of("short"));
        assertThatThrownBy(() -> tracking.artifacts().file(manifest, "absent"))
                .hasMessageContaining("has no file 'absent'");
    }

    @Test
    void aFrozenFileIsComparedEachTimeAndNotOnlyOnce() throws IOException {
        put("model/weights", "before");
        ArtifactManifest manifest = tracking.artifacts().freeze(ArtifactPath.of(ROOT + "model"));
        try (OpenArtifact open = tracking.artifacts().open(manifest, "weights")) {
            assertThat(open.size()).isEqualTo(6);
        }
        Path weights = blob(manifest, "weights");
        Files.setPosixFilePermissions(weights, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(weights, "BEFORE");
        assertThatThrownBy(() -> tracking.artifacts().open(manifest, "weights"))
                .hasMessage("the frozen file 'weights' has changed: expected sha256 " + Digest.of("before")
                        + ", found sha256 " + Digest.of("BEFORE") + "; bring it back from a backup, or store it again");
    }

    @Test
    void aListOfFrozenFilesThatIsMissingSaysSo() {
        Digest none = Digest.of("no such list");
        assertThatThrownBy(() -> tracking.artifacts().manifest(none))
                .hasMessageStartingWith("the list of frozen files is missing: expected sha256 " + none);
    }

    private Path blob(ArtifactManifest manifest, String path) {
        String hex = manifest.find(path).orElseThrow().digest().hex();
        return store.directory().blobs().resolve(hex.substring(0, 2)).resolve(hex.substring(2));
    }

    @Test
    void whatHoldsAnExperimentIsNotDeleted() {
        tracking.experiments().create("deep", "mlflow-artifacts:/team/a/b", List.of());
        tracking.artifacts().put(ArtifactPath.of("team/a/b/r/f"), new ByteArrayInputStream(new byte[1]));
        for (String path : List.of("", ".", "0", "team", "team/a", "team/a/b")) {
            assertThatThrownBy(() -> tracking.artifacts().delete(ArtifactPath.of(path)))
                    .hasMessageContaining("the root and the root of an experiment cannot be deleted");
        }
        tracking.artifacts().delete(ArtifactPath.of("team/a/b/r"));
        assertThat(tracking.artifacts().list(ArtifactPath.of("team/a/b"))).isEmpty();
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
