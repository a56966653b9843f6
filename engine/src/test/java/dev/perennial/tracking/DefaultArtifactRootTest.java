package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** New experiments whose artifacts clients write by themselves, into a folder that an administrator named. */
class DefaultArtifactRootTest extends TrackingFixture {
    @Override
    StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }

    @Override
    ArtifactSettings artifactSettings(Path folder) {
        return new ArtifactSettings(
                Optional.empty(), Optional.of(folder.resolve("ml runs").toString()));
    }

    private String written(String path, String text) throws IOException {
        long experiment = tracking.experiments().create("local " + path, null, List.of());
        String uri = tracking.create(newRun(experiment, "r")).info().artifactUri();
        Path file = Path.of(URI.create(uri + "/" + path));
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        return uri;
    }

    @Test
    void newExperimentsGetAPlaceBelowIt() {
        long id = tracking.experiments().create("e", null, List.of());
        assertThat(tracking.experiments().get(id).artifactLocation())
                .isEqualTo(folder.resolve("ml runs").toUri().toString().replaceAll("/$", "") + "/" + id);
    }

    @Test
    void whatClientsWroteThereIsListedReadAndFrozen() throws IOException {
        String uri = written("model/MLmodel", "flavors");
        Artifacts.Place place = tracking.artifacts().place(uri).orElseThrow();
        assertThat(place.list(ArtifactPath.of("model"))).containsExactly(new ArtifactFile("MLmodel", 7L));
        ArtifactManifest manifest = place.freeze(ArtifactPath.of("model"));
        Files.writeString(Path.of(URI.create(uri + "/model/MLmodel")), "changed");
        assertThat(tracking.artifacts().file(manifest, "MLmodel")).hasContent("flavors");
    }

    @ParameterizedTest
    @CsvSource({"file:///etc", "file:///", "s3://bucket/x", "file:relative"})
    void nothingElseOnTheMachineIsReached(String uri) {
        assertThat(tracking.artifacts().place(uri)).isEmpty();
    }

    @Test
    void whatLeadsOutOfItIsRefused() {
        String root = folder.resolve("ml runs").toUri().toString();
        assertThat(tracking.artifacts().place(root + "/../outside")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "s3://bucket/ml, s3://bucket/ml/7",
        "s3://bucket/ml/, s3://bucket/ml/7",
        "file:///srv/ml, file:///srv/ml/7",
        "/srv/ml, file:///srv/ml/7",
        "mlflow-artifacts:/team, mlflow-artifacts:/team/7",
    })
    void addressesAndFoldersAreRootsAlike(String root, String place) {
        assertThat(Locations.ofExperiment(Optional.of(root), 7)).isEqualTo(place);
    }

    @Test
    void aClientItselfCannotNameAFolder() {
        Assertions.assertThatThrownBy(() -> tracking.experiments().create("x", "file:///srv/ml", List.of()))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("its scheme must be one of");
    }
}
