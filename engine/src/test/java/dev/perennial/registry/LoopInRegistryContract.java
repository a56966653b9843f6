package dev.perennial.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.tracking.KeyValue;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The loop's models and versions as people see them, and where people have to leave them alone. */
abstract class LoopInRegistryContract extends RegistryFixture {
    private static final ModelName NAME = ModelName.of("flight-delay");

    @Test
    void aModelIsThereAsSoonAsItsLifecycleIsApplied() {
        store.database().writing(tx -> Registry.adopt(tx, LOOP, "Will it be late?", 7));
        RegisteredModel model = models.get(NAME);
        assertThat(model.inLoop()).isTrue();
        assertThat(model.description()).isEqualTo("Will it be late?");
        assertThat(model.user()).isEqualTo("perennial");
        store.database().writing(tx -> Registry.adopt(tx, LOOP, "Another title", 8));
        assertThat(models.get(NAME).description()).as("what people wrote stays").isEqualTo("Will it be late?");
    }

    @Test
    void aVersionOfTheLoopShowsItsRunItsFilesAndItsFigures() {
        loopVersion(LOOP, 1, ModelVersion.State.CANDIDATE);
        RegisteredVersion version = versions.get(NAME, 1);
        assertThat(version.origin().run()).isEqualTo("f00d");
        assertThat(version.origin().source()).isEqualTo("runs:/f00d/model");
        assertThat(version.figures()).isEqualTo(Map.of("log_loss", 0.5, "rows", 12.0));
        assertThat(version.standing().status()).isEqualTo(RegisteredVersion.Status.READY);
        assertThat(versionNames("run_id = 'f00d'")).containsExactly("flight-delay/1");
        assertThat(models.get(NAME).latest()).hasSize(1);
    }

    @Test
    void peopleAndTheLoopCountTheSameNumbers() {
        model("flight-delay");
        version("flight-delay");
        assertThat(store.database().<Integer>write(tx -> loop.nextNumber(tx, LOOP)))
                .isEqualTo(2);
        loopVersion(LOOP, 2, ModelVersion.State.CANDIDATE);
        assertThat(version("flight-delay").number()).isEqualTo(3);
        assertThat(store.database().<Integer>write(tx -> loop.nextNumber(tx, LOOP)))
                .isEqualTo(4);
        assertThat(loop.find(new VersionId(LOOP, 3))).as("not judged by the loop").isEmpty();
    }

    @Test
    void theLoopDoesNotCountANumberThatPeopleDeleted() {
        loopVersion(LOOP, 1, ModelVersion.State.REFUSED);
        version("flight-delay");
        versions.delete(ANN, NAME, 2);
        assertThat(store.database().<Integer>write(tx -> loop.nextNumber(tx, LOOP)))
                .isEqualTo(3);
    }

    @Test
    void anAliasOfTheLoopIsSeenByAllAndMovedByTheLoopAlone() {
        loopVersion(LOOP, 1, ModelVersion.State.CHAMPION);
        loopVersion(LOOP, 2, ModelVersion.State.CANDIDATE);
        store.database().writing(tx -> loop.alias(tx, LOOP, Registry.CHAMPION, 1, 10));
        assertThat(versions.byAlias(NAME, "champion").number()).isEqualTo(1);
        for (String alias : new String[] {"champion", "previous"}) {
            refused(ErrorCode.INVALID_ARGUMENT, () -> models.setAlias(ANN, NAME, alias, 2))
                    .hasMessageContaining("alias '" + alias + "' of model 'flight-delay' says what serves")
                    .hasMessageContaining("perennial rollback flight-delay");
            refused(ErrorCode.INVALID_ARGUMENT, () -> models.deleteAlias(ANN, NAME, alias));
        }
        assertThat(loop.alias(LOOP, Registry.CHAMPION)).contains(1);
        models.setAlias(ANN, NAME, "mine", 2);
        assertThat(versions.byAlias(NAME, "mine").number()).isEqualTo(2);
    }

    @Test
    void aModelOfTheLoopIsNeitherRenamedNorDeleted() {
        loopVersion(LOOP, 1, ModelVersion.State.REFUSED);
        refused(ErrorCode.INVALID_STATE, () -> models.rename(ANN, NAME, ModelName.of("x")))
                .hasMessageContaining("is kept by its lifecycle file, so it cannot be renamed");
        refused(ErrorCode.INVALID_STATE, () -> models.delete(ANN, NAME))
                .hasMessageContaining("is kept by its lifecycle file, so it cannot be deleted");
        assertThat(models.get(NAME).latest()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = ModelVersion.State.class,
            names = {"CANDIDATE", "IN_REVIEW", "ROLLING_OUT", "CHAMPION"})
    void aVersionThatMayServeIsNotDeleted(ModelVersion.State state) {
        loopVersion(LOOP, 1, state);
        refused(ErrorCode.INVALID_STATE, () -> versions.delete(ANN, NAME, 1))
                .hasMessageContaining("is " + state + " in its lifecycle and cannot be deleted");
        assertThat(versions.get(NAME, 1).number()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = ModelVersion.State.class,
            names = {"REFUSED", "STOPPED", "RETIRED"})
    void aVersionThatIsOverLeavesTheRegistryAndKeepsItsEvidence(ModelVersion.State state) {
        loopVersion(LOOP, 1, state);
        versions.delete(ANN, NAME, 1);
        refused(ErrorCode.NOT_FOUND, () -> versions.get(NAME, 1));
        assertThat(loop.version(new VersionId(LOOP, 1)).state()).isEqualTo(state);
    }

    @Test
    void theVersionThatARollbackLeadsToIsNotDeleted() {
        loopVersion(LOOP, 1, ModelVersion.State.RETIRED);
        store.database().writing(tx -> loop.alias(tx, LOOP, "previous", 1, 10));
        refused(ErrorCode.INVALID_STATE, () -> versions.delete(ANN, NAME, 1));
    }

    @Test
    void anAliasOnAVersionOfPeopleTakesNoTraffic() {
        model("flight-delay");
        version("flight-delay");
        models.setAlias(ANN, NAME, "champion", 1);
        store.database().writing(tx -> Registry.adopt(tx, LOOP, "", 1));
        assertThat(loop.alias(LOOP, Registry.CHAMPION)).isEmpty();
        loopVersion(LOOP, 2, ModelVersion.State.CHAMPION);
        store.database().writing(tx -> loop.alias(tx, LOOP, Registry.CHAMPION, 2, 10));
        assertThat(loop.alias(LOOP, Registry.CHAMPION)).contains(2);
    }

    @Test
    void aReplayIsNotFoundAmongTheModels() {
        ModelId replayed = new ModelId("flight-delay", "spring");
        loopVersion(replayed, 1, ModelVersion.State.CHAMPION);
        loopVersion(LOOP, 1, ModelVersion.State.CHAMPION);
        assertThat(modelNames("")).containsExactly("flight-delay");
        assertThat(versionNames("")).containsExactly("flight-delay/1");
        refused(ErrorCode.INVALID_STATE, () -> models.delete(ANN, ModelName.of("flight-delay@spring")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"note", "mlflow.team"})
    void peopleMayTagAndDescribeWhatTheLoopMade(String key) {
        loopVersion(LOOP, 1, ModelVersion.State.CHAMPION);
        versions.setTag(NAME, 1, new KeyValue(key, "x"));
        versions.describe(NAME, 1, "good");
        versions.transition(ANN, NAME, 1, VersionStage.PRODUCTION, true);
        assertThat(versions.get(NAME, 1).tags()).containsExactly(new KeyValue(key, "x"));
        assertThat(loop.version(new VersionId(LOOP, 1)).state()).isEqualTo(ModelVersion.State.CHAMPION);
    }

    @Test
    void aVersionWithoutARunSaysThatItsFilesCannotBeDownloaded() {
        loopVersion(LOOP, 1, ModelVersion.State.CHAMPION);
        store.database()
                .writing(tx -> tx.sql()
                        .execute("update registered_version set source = 'perennial:/flight-delay/1', run = null"));
        refused(ErrorCode.INVALID_ARGUMENT, () -> versions.downloadUri(NAME, 1))
                .hasMessageContaining("they cannot be downloaded here");
    }
}
