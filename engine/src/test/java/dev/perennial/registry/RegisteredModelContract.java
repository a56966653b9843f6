package dev.perennial.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.tracking.KeyValue;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Registered models, their tags and aliases. */
abstract class RegisteredModelContract extends RegistryFixture {
    @Test
    void aModelIsReadBackAsItWasMade() {
        RegisteredModel made = models.create(
                ANN,
                ModelName.of("Größe & co @2"),
                "says it",
                List.of(new KeyValue("team", "a"), new KeyValue("b/c", "")));
        assertThat(models.get(ModelName.of("Größe & co @2"))).isEqualTo(made);
        assertThat(made.tags()).containsExactly(new KeyValue("b/c", ""), new KeyValue("team", "a"));
        assertThat(made.description()).isEqualTo("says it");
        assertThat(made.createdAt()).isEqualTo(clock.millis()).isEqualTo(made.updatedAt());
        assertThat(made.latest()).isEmpty();
        assertThat(made.inLoop()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "a/b", "a:b", ".", "..", "a\nb"})
    void namesThatCannotStandInAddressesAreRefused(String name) {
        refused(ErrorCode.INVALID_ARGUMENT, () -> model(name)).hasMessageContaining("Invalid model name '" + name);
        assertThat(modelNames("")).isEmpty();
    }

    @Test
    void theLongestNameWorksEverywhereAndOneMoreCharacterIsRefused() {
        String name = "ü".repeat(256);
        model(name);
        version(name);
        models.setAlias(ANN, ModelName.of(name), "best", 1);
        assertThat(models.get(ModelName.of(name)).aliases()).containsExactly(new ModelAlias("best", 1));
        refused(ErrorCode.INVALID_ARGUMENT, () -> model(name + "x")).hasMessageContaining("at most 256 characters");
    }

    @Test
    void aNameIsTakenOnceAndCaseCounts() {
        model("m");
        refused(ErrorCode.ALREADY_EXISTS, () -> model("m"))
                .hasMessage("Registered Model (name=m) already exists.");
        model("M");
        assertThat(modelNames("")).containsExactly("M", "m");
    }

    @Test
    void promptsAndModelsShareTheirNames() {
        model("m");
        model("p", PROMPT);
        refused(ErrorCode.ALREADY_EXISTS, () -> model("m", PROMPT))
                .hasMessageContaining("Tried to create a prompt with name 'm', but the name is already taken by a registered"
                        + " model");
        refused(ErrorCode.ALREADY_EXISTS, () -> model("p")).hasMessageContaining("already taken by a prompt");
        refused(ErrorCode.ALREADY_EXISTS, () -> model("p", PROMPT))
                .hasMessage("Prompt (name=p) already exists.");
    }

    @Test
    void aModelThatIsNotThereIsNotFoundByAnyCall() {
        ModelName none = ModelName.of("none");
        String told = "Registered Model with name=none not found";
        refused(ErrorCode.NOT_FOUND, () -> models.get(none)).hasMessage(told);
        refused(ErrorCode.NOT_FOUND, () -> models.describe(none, "x")).hasMessage(told);
        refused(ErrorCode.NOT_FOUND, () -> models.rename(ANN, none, ModelName.of("y")))
                .hasMessage(told);
        refused(ErrorCode.NOT_FOUND, () -> models.delete(ANN, none)).hasMessage(told);
        refused(ErrorCode.NOT_FOUND, () -> models.setTag(none, new KeyValue("k", "v")))
                .hasMessage(told);
        refused(ErrorCode.NOT_FOUND, () -> models.deleteTag(none, "k")).hasMessage(told);
        refused(ErrorCode.NOT_FOUND, () -> models.setAlias(ANN, none, "a", 1)).hasMessage(told);
        refused(ErrorCode.NOT_FOUND, () -> models.deleteAlias(ANN, none, "a")).hasMessage(told);
        refused(ErrorCode.NOT_FOUND, () -> versions.byAlias(none, "a")).hasMessage(told);
        refused(ErrorCode.NOT_FOUND, () -> versions.latest(none, List.of())).hasMessage(told);
        refused(ErrorCode.NOT_FOUND, () -> version("none")).hasMessage(told);
    }

    @Test
    void aDescriptionIsReplacedAndTakenAway() {
        model("m");
        later();
        RegisteredModel told = models.describe(ModelName.of("m"), "new");
        assertThat(told.description()).isEqualTo("new");
        assertThat(told.updatedAt()).isEqualTo(clock.millis()).isGreaterThan(told.createdAt());
        assertThat(models.describe(ModelName.of("m"), null).description()).isNull();
    }

    @Test
    void aRenamedModelKeepsVersionsTagsAndAliases() {
        model("m", new KeyValue("k", "v"));
        version("m");
        version("m");
        models.setAlias(ANN, ModelName.of("m"), "best", 1);
        later();
        RegisteredModel renamed = models.rename(ANN, ModelName.of("m"), ModelName.of("n"));
        assertThat(renamed.name().text()).isEqualTo("n");
        assertThat(renamed.tags()).containsExactly(new KeyValue("k", "v"));
        assertThat(renamed.aliases()).containsExactly(new ModelAlias("best", 1));
        assertThat(renamed.updatedAt()).isEqualTo(clock.millis());
        assertThat(versions.byAlias(ModelName.of("n"), "best").model().text()).isEqualTo("n");
        assertThat(version("n").number()).isEqualTo(3);
        refused(ErrorCode.NOT_FOUND, () -> models.get(ModelName.of("m")));
        model("m");
        assertThat(models.get(ModelName.of("m")).aliases()).isEmpty();
    }

    @Test
    void aModelCannotTakeTheNameOfAnother() {
        model("m");
        model("n");
        refused(ErrorCode.ALREADY_EXISTS, () -> models.rename(ANN, ModelName.of("m"), ModelName.of("n")))
                .hasMessage("Registered Model (name=n) already exists.");
        assertThat(models.rename(ANN, ModelName.of("m"), ModelName.of("m")).name().text())
                .isEqualTo("m");
    }

    @Test
    void aDeletedModelIsGoneWithAllThatBelongedToIt() {
        model("m", new KeyValue("k", "v"));
        version("m", new KeyValue("x", "y"));
        models.setAlias(ANN, ModelName.of("m"), "best", 1);
        models.delete(ANN, ModelName.of("m"));
        assertThat(modelNames("")).isEmpty();
        assertThat(versionNames("")).isEmpty();
        RegisteredModel again = model("m");
        assertThat(again.tags()).isEmpty();
        assertThat(again.aliases()).isEmpty();
        assertThat(version("m").tags()).isEmpty();
    }

    @Test
    void aTagIsReplacedRemovedAndMayBeAbsent() {
        ModelName name = ModelName.of("m");
        model("m");
        models.setTag(name, new KeyValue("k", "1"));
        models.setTag(name, new KeyValue("k", "2"));
        assertThat(models.get(name).tags()).containsExactly(new KeyValue("k", "2"));
        models.deleteTag(name, "k");
        models.deleteTag(name, "k");
        assertThat(models.get(name).tags()).isEmpty();
    }

    @Test
    void tagsHaveLimitsAndNothingIsCut() {
        ModelName name = ModelName.of("m");
        model("m");
        models.setTag(name, new KeyValue("k".repeat(250), "v".repeat(100_000)));
        assertThat(models.get(name).tags().getFirst().value()).hasSize(100_000);
        refused(ErrorCode.INVALID_ARGUMENT, () -> models.setTag(name, new KeyValue("k".repeat(251), "v")))
                .hasMessageContaining("exceeds the maximum length of 250 characters");
        refused(ErrorCode.INVALID_ARGUMENT, () -> models.setTag(name, new KeyValue("k", "v".repeat(100_001))))
                .hasMessageContaining("exceeds the maximum length of 100000 characters");
        refused(ErrorCode.INVALID_ARGUMENT, () -> models.setTag(name, new KeyValue("a//b", "v")));
    }

    @Test
    void anAliasMovesAndAVersionMayHaveMany() {
        ModelName name = ModelName.of("m");
        model("m");
        version("m");
        version("m");
        models.setAlias(ANN, name, "best", 1);
        models.setAlias(ANN, name, "Best-2_ü", 1);
        assertThat(versions.get(name, 1).aliases()).containsExactlyInAnyOrder("Best-2_ü", "best");
        models.setAlias(ANN, name, "best", 2);
        assertThat(versions.byAlias(name, "best").number()).isEqualTo(2);
        assertThat(versions.get(name, 1).aliases()).containsExactly("Best-2_ü");
        models.deleteAlias(ANN, name, "best");
        models.deleteAlias(ANN, name, "best");
        refused(ErrorCode.INVALID_ARGUMENT, () -> versions.byAlias(name, "best"))
                .hasMessage("Registered model alias best not found on model 'm'.");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '^',
            value = {
                "latest, 'latest' alias name (case insensitive) is reserved.",
                "LATEST, 'LATEST' alias name (case insensitive) is reserved.",
                "v1, Version alias name 'v1' is reserved.",
                "V22, Version alias name 'V22' is reserved.",
                "a b, Invalid alias name: 'a b'",
                "a/b, Invalid alias name: 'a/b'",
            })
    void aliasesThatMeanSomethingElseAreRefused(String alias, String told) {
        model("m");
        version("m");
        refused(ErrorCode.INVALID_ARGUMENT, () -> models.setAlias(ANN, ModelName.of("m"), alias, 1))
                .hasMessageContaining(told);
        assertThat(models.get(ModelName.of("m")).aliases()).isEmpty();
    }

    @Test
    void anAliasHasAtMost255Characters() {
        model("m");
        version("m");
        models.setAlias(ANN, ModelName.of("m"), "a".repeat(255), 1);
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> models.setAlias(ANN, ModelName.of("m"), "a".repeat(256), 1));
    }

    @Test
    void anAliasNeedsAVersionThatIsThere() {
        model("m");
        refused(ErrorCode.NOT_FOUND, () -> models.setAlias(ANN, ModelName.of("m"), "best", 1))
                .hasMessage("Model Version (name=m, version=1) not found");
    }

    @Test
    void latestIsTheNewestVersionOnceThereIsOne() {
        model("m");
        refused(ErrorCode.NOT_FOUND, () -> versions.byAlias(ModelName.of("m"), "latest"));
        version("m");
        version("m");
        assertThat(versions.byAlias(ModelName.of("m"), "latest").number()).isEqualTo(2);
    }

    @Test
    void projectsDoNotSeeEachOther() {
        ModelName other = new ModelName("team", "m");
        model("m");
        models.create(ANN, other, "theirs", List.of());
        versions.create(ANN, other, new NewVersion(BUCKET, null, null, null, null, List.of()));
        models.setAlias(ANN, other, "best", 1);
        assertThat(models.get(ModelName.of("m")).aliases()).isEmpty();
        assertThat(modelNames("")).containsExactly("m");
        assertThat(models.search(request("", 10, null), VisibleModels.all("team")).items())
                .extracting(RegisteredModel::description)
                .containsExactly("theirs");
        refused(
                ErrorCode.INVALID_ARGUMENT, () -> from("m", "models:/m/1"))
                .hasMessageContaining("there is no such version");
    }

    @Test
    void aSearchShowsOnlyTheModelsThatOneMaySee() {
        model("a");
        model("b");
        version("b");
        VisibleModels one = new VisibleModels("default", false, List.of("b", "c"));
        VisibleModels none = new VisibleModels("default", false, List.of());
        assertThat(models.search(request("", 10, null), one).items()).hasSize(1);
        assertThat(models.search(request("name = 'a'", 10, null), one).items()).isEmpty();
        assertThat(models.search(request("", 10, null), none).items()).isEmpty();
        assertThat(versions.search(request("", 10, null), one).items()).hasSize(1);
        assertThat(versions.search(request("", 10, null), none).items()).isEmpty();
    }

    @Test
    void whatIsDoneAlsoIsUndoneWhenTheChangeFails() {
        assertThatThrownBy(() -> models.create(ANN, ModelName.of("m"), null, List.of(), tx -> {
                    throw new IllegalStateException("as wanted");
                }))
                .hasMessageContaining("as wanted");
        assertThat(modelNames("")).isEmpty();
        assertThat(ledger()).isEmpty();
    }

    @Test
    void governedChangesStandInTheLedgerAndTagsDoNot() {
        ModelName name = ModelName.of("m");
        model("m");
        version("m");
        models.setTag(name, new KeyValue("k", "v"));
        versions.setTag(name, 1, new KeyValue("k", "v"));
        models.setAlias(ANN, name, "best", 1);
        models.deleteAlias(ANN, name, "best");
        models.deleteAlias(ANN, name, "best");
        versions.transition(ANN, name, 1, VersionStage.STAGING, false);
        versions.delete(ANN, name, 1);
        models.rename(ANN, name, ModelName.of("n"));
        models.delete(ANN, ModelName.of("n"));
        assertThat(ledger())
                .containsSubsequence(
                        "model.create model:m",
                        "model_version.create model:m/1",
                        "alias.set model:m/1",
                        "alias.delete model:m",
                        "stage.set model:m/1",
                        "model_version.delete model:m/1",
                        "model.delete model:m",
                        "model.create model:n",
                        "model.delete model:n")
                .hasSize(9);
    }
}
