package dev.perennial.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.tracking.ArtifactPath;
import dev.perennial.tracking.KeyValue;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Registered models that come from another server. */
abstract class RegistryImportContract extends RegistryFixture {
    private static final String SOURCE = "http://old";
    private static final ModelName NAME = ModelName.of("risk");

    private RegistryImport imported() {
        return new RegistryImport(store.database(), clock, new TrackedOrigins(tracking), tracking.artifacts());
    }

    private RegistryImport.Came come(String name, KeyValue... tags) {
        return imported()
                .model(
                        ANN,
                        SOURCE,
                        new ImportedRegistration(
                                ModelName.of(name),
                                "says it",
                                "bob",
                                new RegisteredVersion.Times(100, 200),
                                List.of(tags)));
    }

    private static ImportedVersion numbered(int number, String source, String storage) {
        return new ImportedVersion(
                number,
                new RegisteredVersion.Origin(source, storage, "run-1", "http://run", "m-1"),
                VersionStage.PRODUCTION,
                new RegisteredVersion.Standing(RegisteredVersion.Status.READY, null, null),
                new RegisteredVersion.Times(10L * number, 20L * number),
                "bob",
                "version " + number,
                List.of(new KeyValue("k", "v" + number)));
    }

    private RegistryImport.Taken take(int number) {
        return imported().version(ANN, SOURCE, NAME, numbered(number, BUCKET, null));
    }

    private RegistryImport.Closed complete(int versions, ModelAlias... aliases) {
        return imported()
                .complete(ANN, SOURCE, NAME, 300, new RegistryImport.Counts(versions, versions, 1), List.of(aliases));
    }

    /** A model with versions 1 and 3; the one between was deleted there. */
    private void comeWithAHole(ModelAlias... aliases) {
        come("risk", new KeyValue("team", "a"));
        take(1);
        take(3);
        complete(2, aliases);
    }

    private List<String> collisions(Integer... numbers) {
        return imported().collisions(SOURCE, List.of(new RegistryImport.Wanted(NAME, List.of(numbers))));
    }

    @Test
    void aModelKeepsItsTimesUserDescriptionTagsAndAliases() {
        comeWithAHole(new ModelAlias("best", 3));
        RegisteredModel model = models.get(NAME);
        assertThat(model.user()).isEqualTo("bob");
        assertThat(model.description()).isEqualTo("says it");
        assertThat(model.createdAt()).isEqualTo(100);
        assertThat(model.updatedAt()).isEqualTo(300);
        assertThat(model.tags()).containsExactly(new KeyValue("team", "a"));
        assertThat(model.aliases()).containsExactly(new ModelAlias("best", 3));
    }

    @Test
    void aVersionKeepsItsNumberStageLinksTimesAndTags() {
        comeWithAHole();
        RegisteredVersion version = versions.get(NAME, 3);
        assertThat(version.origin())
                .isEqualTo(new RegisteredVersion.Origin(BUCKET, null, "run-1", "http://run", "m-1"));
        assertThat(version.stage()).isEqualTo(VersionStage.PRODUCTION);
        assertThat(version.times()).isEqualTo(new RegisteredVersion.Times(30, 60));
        assertThat(version.user()).isEqualTo("bob");
        assertThat(version.description()).isEqualTo("version 3");
        assertThat(version.tags()).containsExactly(new KeyValue("k", "v3"));
    }

    @Test
    void holesStayAndTheNextVersionGoesBehindTheLast() {
        comeWithAHole();
        refused(ErrorCode.NOT_FOUND, () -> versions.get(NAME, 2));
        assertThat(version("risk").number()).isEqualTo(4);
    }

    @Test
    void theFilesOfAVersionAreFrozenAsTheyAreNow() {
        String folder = "0/run-1/artifacts/model";
        put(folder + "/MLmodel", "one");
        come("risk");
        RegistryImport.Taken taken =
                imported().version(ANN, SOURCE, NAME, numbered(1, "models:/m-1", "mlflow-artifacts:/" + folder));
        put(folder + "/MLmodel", "changed later");
        put(folder + "/more", "x");
        assertThat(taken).isEqualTo(new RegistryImport.Taken(true, 1, 3, null));
        String manifest = versions.get(NAME, 1).standing().manifest();
        assertThat(tracking.artifacts().manifest(new Digest(manifest)).files())
                .singleElement()
                .satisfies(file -> assertThat(file.digest()).isEqualTo(Digest.of("one")));
        assertThat(versions.downloadUri(NAME, 1)).isEqualTo("mlflow-artifacts:/" + folder);
    }

    private void put(String path, String text) {
        tracking.artifacts()
                .put(ArtifactPath.of(path), new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void anAddressThatLeadsNowhereHereIsKeptWithoutFiles() {
        come("risk");
        RegistryImport.Taken taken =
                imported().version(ANN, SOURCE, NAME, numbered(1, "mlflow-artifacts:/a/../b", null));
        assertThat(taken).isEqualTo(new RegistryImport.Taken(true, 0, 0, null));
        assertThat(versions.get(NAME, 1).standing().manifest()).isNull();
    }

    @Test
    void aVersionThatFailedThereFailedHere() {
        come("risk");
        ImportedVersion plain = numbered(1, BUCKET, null);
        RegisteredVersion.Standing failed =
                new RegisteredVersion.Standing(RegisteredVersion.Status.FAILED_REGISTRATION, "no disk", null);
        imported()
                .version(
                        ANN,
                        SOURCE,
                        NAME,
                        new ImportedVersion(
                                1, plain.origin(), plain.stage(), failed, plain.times(), "", null, List.of()));
        assertThat(versions.get(NAME, 1).standing()).isEqualTo(failed);
    }

    @Test
    void whatCameIsLeftAloneWhenItComesAgain() {
        comeWithAHole(new ModelAlias("best", 3));
        models.describe(NAME, "ours");
        RegistryImport.Came came = come("risk", new KeyValue("team", "b"));
        assertThat(came).isEqualTo(new RegistryImport.Came(true, List.of(1, 3)));
        assertThat(take(3)).isEqualTo(new RegistryImport.Taken(false, 0, 0, null));
        assertThat(complete(2, new ModelAlias("best", 3))).isEqualTo(new RegistryImport.Closed(0, List.of()));
        assertThat(models.get(NAME).description()).isEqualTo("ours");
        assertThat(models.get(NAME).tags()).containsExactly(new KeyValue("team", "a"));
    }

    @Test
    void anImportThatWasCutOffGoesOnWithWhatIsMissing() {
        come("risk", new KeyValue("team", "a"));
        take(1);
        assertThat(come("risk")).isEqualTo(new RegistryImport.Came(false, List.of(1)));
        assertThat(take(1).made()).isFalse();
        assertThat(take(2).made()).isTrue();
        assertThat(complete(2, new ModelAlias("best", 1), new ModelAlias("next", 2))
                        .aliases())
                .isEqualTo(2);
        assertThat(versionNames("name = 'risk'", "version_number ASC")).containsExactly("risk/1", "risk/2");
    }

    @Test
    void aModelIsCompleteOnlyWhenAsMuchIsStoredAsWasReceived() {
        come("risk", new KeyValue("team", "a"));
        take(1);
        refused(ErrorCode.INVALID_STATE, () -> complete(2))
                .hasMessage("registered model 'risk': received were 2 versions, 2 tags of versions, 1 tags, stored are"
                        + " 1 versions, 1 tags of versions, 1 tags; import it again");
        assertThat(models.get(NAME).aliases()).isEmpty();
        take(2);
        complete(2);
    }

    @Test
    void newVersionsComeLaterWithTheirAliases() {
        comeWithAHole(new ModelAlias("best", 3));
        assertThat(collisions(1, 3, 4)).isEmpty();
        take(4);
        assertThat(complete(3, new ModelAlias("next", 4))).isEqualTo(new RegistryImport.Closed(1, List.of()));
        assertThat(models.get(NAME).aliases()).containsExactly(new ModelAlias("best", 3), new ModelAlias("next", 4));
    }

    @Test
    void anAliasThatPointsSomewhereHereIsNeverMoved() {
        comeWithAHole(new ModelAlias("best", 3));
        models.setAlias(ANN, NAME, "best", 1);
        assertThat(complete(2, new ModelAlias("best", 3)).notes())
                .containsExactly("alias 'best' of 'risk' for version 3: here it points to version 1");
        assertThat(models.get(NAME).aliases()).containsExactly(new ModelAlias("best", 1));
    }

    @Test
    void anAliasThatWasTakenAwayHereDoesNotComeBack() {
        comeWithAHole(new ModelAlias("best", 3));
        models.deleteAlias(ANN, NAME, "best");
        assertThat(complete(2, new ModelAlias("best", 3)).notes())
                .containsExactly("alias 'best' of 'risk' for version 3: that version came before, without it");
        assertThat(models.get(NAME).aliases()).isEmpty();
    }

    @Test
    void theAliasesOfALifecycleStayWithItAlsoWhenTheyPointNowhere() {
        comeWithAHole();
        store.database()
                .writing(tx -> Registry.adopt(
                        tx, new dev.perennial.kernel.ModelId("risk", dev.perennial.kernel.ModelId.LIVE), "", 1));
        take(4);
        RegistryImport.Closed closed =
                complete(3, new ModelAlias("champion", 4), new ModelAlias("previous", 4), new ModelAlias("mine", 4));
        assertThat(closed.aliases()).isEqualTo(1);
        assertThat(closed.notes())
                .containsExactly(
                        "alias 'champion' of 'risk' for version 4: its lifecycle alone moves it",
                        "alias 'previous' of 'risk' for version 4: its lifecycle alone moves it");
        assertThat(models.get(NAME).aliases()).containsExactly(new ModelAlias("mine", 4));
    }

    @Test
    void aModelOfOursIsACollisionAndIsNeverTouched() {
        model("risk");
        assertThat(collisions(1))
                .containsExactly("registered model 'risk' is here already and did not come from http://old");
        refused(ErrorCode.CONFLICT, () -> come("risk"))
                .hasMessage("registered model 'risk' is here already and did not come from http://old");
        assertThat(models.get(NAME).description()).isNull();
    }

    @Test
    void aModelOfALifecycleIsACollisionThatSaysSo() {
        loopVersion(LOOP, 1, ModelVersion.State.CHAMPION);
        assertThat(imported()
                        .collisions(
                                SOURCE, List.of(new RegistryImport.Wanted(ModelName.of(LOOP.toString()), List.of(1)))))
                .containsExactly("registered model 'flight-delay' is here already and did not come from http://old: a"
                        + " lifecycle file keeps it");
    }

    @Test
    void aNumberThatWasGivenHereIsACollision() {
        comeWithAHole();
        version("risk");
        assertThat(collisions(1, 3, 4))
                .containsExactly("version 4 of registered model 'risk': that number was given here and did not come"
                        + " from http://old");
        refused(ErrorCode.CONFLICT, () -> take(4)).hasMessageContaining("version 4 of registered model 'risk'");
    }

    @Test
    void aVersionThatWasDeletedHereDoesNotComeBack() {
        comeWithAHole();
        versions.delete(ANN, NAME, 3);
        assertThat(collisions(1, 3)).isEmpty();
        assertThat(take(3).note()).isEqualTo("version 3 of 'risk' came before and was deleted here");
        refused(ErrorCode.NOT_FOUND, () -> versions.get(NAME, 3));
    }

    @Test
    void aModelThatWasDeletedHereDoesNotComeBack() {
        comeWithAHole();
        models.delete(ANN, NAME, tx -> {});
        assertThat(come("risk")).isEqualTo(new RegistryImport.Came(true, List.of()));
        assertThat(take(4).note()).isEqualTo("registered model 'risk' came before and was deleted or renamed here");
        assertThat(complete(3)).isEqualTo(new RegistryImport.Closed(0, List.of()));
        assertThat(modelNames("")).isEmpty();
    }

    @Test
    void aNumberThatWasGivenAgainThereIsToldAndNotTaken() {
        comeWithAHole();
        ImportedVersion plain = numbered(3, BUCKET, null);
        RegistryImport.Taken taken = imported()
                .version(
                        ANN,
                        SOURCE,
                        NAME,
                        new ImportedVersion(
                                3,
                                plain.origin(),
                                plain.stage(),
                                plain.standing(),
                                new RegisteredVersion.Times(999, 999),
                                "",
                                "another",
                                List.of()));
        assertThat(taken.note())
                .isEqualTo("version 3 of 'risk' is another one there now: it was deleted and its number given again");
        assertThat(versions.get(NAME, 3).description()).isEqualTo("version 3");
    }

    @Test
    void anotherSourceIsACollision() {
        comeWithAHole();
        assertThat(imported().collisions("http://other", List.of(new RegistryImport.Wanted(NAME, List.of(1)))))
                .hasSize(1);
    }

    @Test
    void promptsComeAsPrompts() {
        come("greeting", PROMPT);
        assertThat(models.get(ModelName.of("greeting")).prompt()).isTrue();
        assertThat(modelNames("")).isEmpty();
    }

    @Test
    void theLedgerTellsWhatCameAndFromWhere() {
        comeWithAHole(new ModelAlias("best", 3));
        assertThat(ledger())
                .containsExactly(
                        "model.create model:risk",
                        "model_version.create model:risk/1",
                        "model_version.create model:risk/3",
                        "alias.set model:risk/3");
    }

    @Test
    void aProjectThatIsNotThereIsRefused() {
        ImportedRegistration elsewhere = new ImportedRegistration(
                new ModelName("elsewhere", "risk"), null, "", new RegisteredVersion.Times(1, 1), List.of());
        refused(ErrorCode.NOT_FOUND, () -> imported().model(ANN, SOURCE, elsewhere))
                .hasMessage("there is no project 'elsewhere' to import into; make it first");
    }
}
