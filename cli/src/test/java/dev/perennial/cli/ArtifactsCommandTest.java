package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.cli.CliHarness.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files of a logged model by command. */
class ArtifactsCommandTest extends CliFixture {
    private static final String MODEL = "/ajax-api/2.0/mlflow/logged-models/m-1";
    private static final String FOLDER = MODEL + "/artifacts/directories?artifact_directory_path=";
    private static final String FILE = MODEL + "/artifacts/files?artifact_file_path=";

    @BeforeEach
    void aModelWithAFolder() {
        cli.on("GET " + MODEL, 200, "{\"model\":{\"info\":{\"artifact_uri\":\"mlflow-artifacts:/1/m-1/artifacts\"}}}");
        cli.on("GET " + FOLDER, 200, """
                {"files":[{"path":"data","is_dir":true},{"path":"MLmodel","is_dir":false,"file_size":12}]}""");
        cli.on("GET " + FOLDER + "data", 200, """
                {"files":[{"path":"data/a.bin","is_dir":false,"file_size":3}]}""");
        cli.on("GET " + FOLDER + "MLmodel", 200, "{}");
        cli.on("GET " + FILE + "MLmodel", 200, "flavors: {}\n");
        cli.on("GET " + FILE + "data%2Fa.bin", 200, "abc");
    }

    private String text(String... place) throws IOException {
        return Files.readString(Path.of(folder.toString(), place));
    }

    @Test
    void foldersAreMarkedAndHaveNoSize() {
        assertThat(cli.run("artifacts", "list", "m-1").out().lines().map(String::strip))
                .containsExactly("PATH     BYTES", "data/", "MLmodel  12");
    }

    @Test
    void recursionShowsFilesAlone() {
        assertThat(cli.run("artifacts", "list", "m-1", "--recursive").out().lines())
                .containsExactly("PATH        BYTES", "data/a.bin  3", "MLmodel     12");
    }

    @Test
    void aFolderIsFetchedWithAllThatIsBelowIt() throws IOException {
        Outcome got = cli.run("artifacts", "get", "m-1", "data");
        assertThat(got.exitCode()).as(got.err()).isZero();
        assertThat(got.out()).isEqualTo("1 file in " + folder.resolve("data") + "\n");
        assertThat(text("data", "a.bin")).isEqualTo("abc");
    }

    @Test
    void aFileIsFetchedUnderItsNameOrTheOneThatWasSaid() throws IOException {
        assertThat(cli.run("artifacts", "get", "m-1", "MLmodel").exitCode()).isZero();
        assertThat(text("MLmodel")).isEqualTo("flavors: {}\n");
        cli.run("artifacts", "get", "m-1", "MLmodel", "--to", "there/other");
        assertThat(text("there", "other")).isEqualTo("flavors: {}\n");
    }

    @Test
    void aServerCannotMakeTheCommandWriteElsewhere() {
        cli.on("GET " + FOLDER + "evil", 200, "{\"files\":[{\"path\":\"evil/../../out\",\"is_dir\":false}]}");
        Outcome got = cli.run("artifacts", "get", "m-1", "evil");
        assertThat(got.exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(got.err()).contains("the server named a file outside of the folder: ../../out");
        assertThat(folder.resolveSibling("out")).doesNotExist();
    }

    @Test
    void aFolderIsStoredFileByFile() throws IOException {
        Files.createDirectories(folder.resolve("model/deep"));
        Files.writeString(folder.resolve("model/MLmodel"), "x");
        Files.writeString(folder.resolve("model/deep/a"), "y");
        String root = "PUT /api/2.0/mlflow-artifacts/artifacts/1/m-1/artifacts/there/";
        cli.on(root + "MLmodel", 200, "{}").on(root + "deep/a", 200, "{}");
        Outcome put = cli.run("artifacts", "put", "m-1", "model", "--as", "there");
        assertThat(put.out()).as(put.err()).isEqualTo("2 files stored as there\n");
        assertThat(cli.requests().getLast().body()).isEqualTo("y");
    }

    @Test
    void whatIsNotThereIsNotStored() {
        Outcome put = cli.run("artifacts", "put", "m-1", "nothing");
        assertThat(put.exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(put.err()).contains("cannot read " + folder.resolve("nothing"));
        assertThat(cli.requests()).isEmpty();
    }
}
