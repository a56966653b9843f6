package dev.perennial.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.tracking.ArtifactPath;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the files of a version may be, and where they are found in the end. */
abstract class SourceContract extends RegistryFixture {
    private static final ModelName M = ModelName.of("m");

    @BeforeEach
    void aModel() {
        model("m");
        model("n");
    }

    private RegisteredVersion create(String source, String run, String logged) {
        return versions.create(ANN, M, new NewVersion(source, run, null, logged, null, List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/etc/passwd",
                "file:///etc/passwd",
                "file:/etc/passwd",
                "FILE:///etc/passwd",
                "file://host/x",
                "./model",
                "model",
                "C:\\models",
                "C:/models",
                "\\\\host\\share",
                "http://169.254.169.254/latest",
                "https://example.org/model",
                "ftp://example.org/model",
                "sftp://example.org/model",
                "data:,x",
                "s3://bucket/../x",
                "s3://bucket/%2e%2e/x",
                "s3://bucket/%252e%252e%252fx",
                "s3://bucket/a//b",
                "s3://bucket/a/./b",
                "s3://bucket/a#b",
                "s3://bucket/a%23b",
                "s3://bucket/a;b",
                "s3://bucket/a?x=../y",
                "s3://bucket/a?x=%2e%2e/y",
                "s3://bucket/a%00b",
                "s3://bucket/a\\b",
                "mlflow-artifacts:/0/run/artifacts/../../1",
                "mlflow-artifacts:/0/..%2f1",
                "runs:/abc/../../x",
                "models:/m/../n",
                "models:/none/1",
                "models:/m/9",
                "models:/m@none",
                "models:/m-9",
                "models:/m",
                "models:/m/Production",
                "runs:/0123456789abcdef0123456789abcdef/model",
            })
    void sourcesThatLeadElsewhereAreRefusedAndTakeNoNumber(String source) {
        refused(ErrorCode.INVALID_ARGUMENT, () -> create(source, null, null))
                .hasMessageContaining("Invalid model version source: '" + source);
        assertThat(version("m").number()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://bucket/a b/größe+1/model",
                "gs://bucket/model/",
                "abfss://files@account.dfs.core.windows.net/model",
                "dbfs:/models/x",
                "mlflow-artifacts:/0/abc/artifacts/model",
                "mlflow-artifacts://host:5000/0/abc/artifacts/model",
                "s3://bucket/model?versionId=3",
            })
    void sourcesThatClientsReachThemselvesAreKeptAsGiven(String source) {
        assertThat(create(source, null, null).origin().source()).isEqualTo(source);
        assertThat(versions.downloadUri(M, 1)).isEqualTo(source);
    }

    @Test
    void aSourceInItsRunIsFoundThere() {
        String run = run();
        RegisteredVersion made = create("runs:/" + run + "/model", run, null);
        assertThat(made.origin().source()).isEqualTo("runs:/" + run + "/model");
        assertThat(versions.downloadUri(M, 1)).isEqualTo("mlflow-artifacts:/0/" + run + "/artifacts/model");
    }

    @Test
    void aSourceInAnotherRunThanTheGivenOneIsRefused() {
        String run = run();
        String other = run();
        refused(ErrorCode.INVALID_ARGUMENT, () -> create("runs:/" + run + "/model", other, null))
                .hasMessageContaining("it is in run '" + run + "', but 'run_id' says '" + other + "'");
        refused(ErrorCode.INVALID_ARGUMENT, () -> create("runs:/" + run + "/model", null, null))
                .hasMessageContaining("but 'run_id' says nothing");
    }

    @Test
    void aRunOfAnotherServerMayBeNamed() {
        assertThat(create(BUCKET, "of-another-server", null).origin().run()).isEqualTo("of-another-server");
    }

    @Test
    void aLocalPathIsRefusedAlsoInsideARunWhoseArtifactsAreNotLocal() {
        String run = run();
        refused(ErrorCode.INVALID_ARGUMENT, () -> create("/0/" + run + "/artifacts/model", run, null))
                .hasMessageContaining("a local path must lie inside the artifacts of the run");
    }

    @Test
    void aLoggedModelBringsItsPlaceAndItsRun() {
        RegisteredVersion made = create("models:/m-1", null, null);
        assertThat(made.origin())
                .isEqualTo(new RegisteredVersion.Origin(
                        "models:/m-1", "mlflow-artifacts:/0/models/m-1/artifacts", "0123", null, "m-1"));
        assertThat(versions.downloadUri(M, 1)).isEqualTo("mlflow-artifacts:/0/models/m-1/artifacts");
        assertThat(create("models:/m-1", "given", null).origin().run()).isEqualTo("given");
        assertThat(create("models:/m-2", null, null).origin().run()).isNull();
        assertThat(create("mlflow-artifacts:/0/models/m-1/artifacts", null, "m-1")
                        .origin()
                        .run())
                .isEqualTo("0123");
    }

    @Test
    void aLoggedModelThatIsNotThereIsNamed() {
        refused(ErrorCode.NOT_FOUND, () -> create(BUCKET, null, "m-9"))
                .hasMessage("Logged model with ID 'm-9' not found");
    }

    @Test
    void aChainOfCopiesEndsAtTheFirstPlace() {
        create("models:/m-1", null, null);
        from("n", "models:/m/1");
        model("o");
        from("o", "models:/n/1");
        assertThat(versions.get(ModelName.of("o"), 1).origin().source()).isEqualTo("models:/n/1");
        versions.delete(ANN, ModelName.of("n"), 1);
        assertThat(versions.downloadUri(ModelName.of("o"), 1)).isEqualTo("mlflow-artifacts:/0/models/m-1/artifacts");
    }

    @Test
    void aCopyByAliasStaysWhereTheAliasPointedThen() {
        from("n", "s3://one/x");
        from("n", "s3://two/x");
        models.setAlias(ANN, ModelName.of("n"), "best", 1);
        create("models:/n@best", null, null);
        models.setAlias(ANN, ModelName.of("n"), "best", 2);
        assertThat(versions.downloadUri(M, 1)).isEqualTo("s3://one/x");
    }

    private void put(String run, String file, String text) {
        tracking.artifacts()
                .put(
                        ArtifactPath.of("0/" + run + "/artifacts/model/" + file),
                        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void filesAreFrozenAsTheyAreAtRegistration() {
        String run = run();
        put(run, "weights", "one");
        String manifest =
                create("runs:/" + run + "/model", run, null).standing().manifest();
        put(run, "weights", "two");
        put(run, "more", "x");
        var frozen = tracking.artifacts().manifest(new Digest(manifest));
        assertThat(frozen.files())
                .singleElement()
                .satisfies(file -> assertThat(file.digest()).isEqualTo(Digest.of("one")));
        assertThat(from("n", "models:/m/1").standing().manifest())
                .as("a copy has what was frozen first")
                .isEqualTo(manifest);
        assertThat(create("runs:/" + run + "/model", run, null).standing().manifest())
                .isNotEqualTo(manifest);
    }

    @Test
    void aVersionWithoutFilesHereHasNothingFrozen() {
        assertThat(create(BUCKET, null, null).standing())
                .isEqualTo(new RegisteredVersion.Standing(RegisteredVersion.Status.READY, null, null));
        String run = run();
        assertThat(create("runs:/" + run + "/none", run, null).standing().manifest())
                .isNull();
    }

    @Test
    void aFileThatIsDamagedFailsTheRegistration() throws IOException {
        String run = run();
        put(run, "weights", "one");
        Files.delete(store.blobs().file(Digest.of("one")));
        RegisteredVersion made = create("runs:/" + run + "/model", run, null);
        assertThat(made.standing().status()).isEqualTo(RegisteredVersion.Status.FAILED_REGISTRATION);
        assertThat(made.standing().message()).contains("weights", "is missing");
        assertThat(versions.get(M, made.number())).isEqualTo(made);
    }

    @Test
    void aFileThatChangedAfterItWasStoredFailsTheRegistration() throws IOException {
        String run = run();
        put(run, "weights", "one");
        Path weights = store.blobs().file(Digest.of("one"));
        Files.setPosixFilePermissions(weights, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(weights, "two");
        RegisteredVersion made = create("runs:/" + run + "/model", run, null);
        assertThat(made.standing().status()).isEqualTo(RegisteredVersion.Status.FAILED_REGISTRATION);
        assertThat(made.standing().message())
                .startsWith("the frozen file 'weights' has changed: expected sha256 " + Digest.of("one")
                        + ", found sha256 " + Digest.of("two"));
        refused(ErrorCode.INVALID_STATE, () -> versions.downloadUri(M, made.number()))
                .hasMessageContaining("could not be registered, so it cannot be used: the frozen file 'weights'");
    }

    @Test
    void aCopyOfAVersionWhoseFilesAreGoneFailsTheRegistration() throws IOException {
        String run = run();
        put(run, "weights", "one");
        create("runs:/" + run + "/model", run, null);
        Files.delete(store.blobs().file(Digest.of("one")));
        RegisteredVersion copy = from("n", "models:/m/1");
        assertThat(copy.standing().status()).isEqualTo(RegisteredVersion.Status.FAILED_REGISTRATION);
        assertThat(copy.standing().message()).startsWith("the frozen file 'weights' is missing");
        put(run, "weights", "one");
        assertThat(from("n", "models:/m/1").standing().status()).isEqualTo(RegisteredVersion.Status.READY);
    }

    @Test
    void aPromptNeedsNoPlaceButStillNoLocalOne() {
        model("p", PROMPT);
        assertThat(from("p", "prompt-template", PROMPT).origin().source()).isEqualTo("prompt-template");
        for (String source : List.of("/etc/passwd", "file:///etc/passwd", "../x", "file:x")) {
            refused(ErrorCode.INVALID_ARGUMENT, () -> from("p", source, PROMPT));
        }
    }
}
