package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What making, changing, deleting and steering endpoints promises on every database. */
abstract class EndpointCatalogueContract extends EndpointFixture {
    private static final VersionRef ONE = new VersionRef("iris", 1);
    private static final VersionRef TWO = new VersionRef("iris", 2);

    private void create(ModelId name) {
        catalogue.create(ANN, name, "default", List.of("customer"), EndpointSettings.DEFAULT);
    }

    /** Two versions of a model: the champion and a shadow. */
    private void two() {
        logged("iris", XGBOOST, "model.xgb");
        logged("iris", XGBOOST, "model.xgb");
        deployed(CHURN, "iris/1", Deployment.Plan.SHADOW);
        deployed(CHURN, "iris/2", Deployment.Plan.SHADOW);
    }

    @Test
    void whatIsMadeIsToldToScorersWithoutAVersion() {
        long before = endpoints.revision();
        create(CHURN);
        assertThat(endpoints.revision()).isEqualTo(before + 1);
        assertThat(endpoints.config().endpoints()).singleElement().satisfies(told -> {
            assertThat(told.name()).isEqualTo("churn");
            assertThat(told.key()).containsExactly("customer");
            assertThat(told.variants()).isEmpty();
            assertThat(told.fallback()).isNull();
            assertThat(told.log()).isEqualTo(EndpointSettings.DEFAULT.log());
        });
        assertThat(ledger(CHURN)).containsExactly("deployment.create");
    }

    @Test
    void aNameIsGivenOnce() {
        create(CHURN);
        refused(ErrorCode.ALREADY_EXISTS, () -> create(CHURN))
                .hasMessage(
                        "there is an endpoint 'churn' already; names are unique in the installation, choose another");
        declared(PARCELS);
        refused(ErrorCode.ALREADY_EXISTS, () -> create(PARCELS));
    }

    @Test
    void aLifecycleFileDoesNotTakeOverWhatPeopleMade() {
        create(PARCELS);
        refused(ErrorCode.INVALID_STATE, () -> declared(PARCELS))
                .hasMessageContaining("was made without a lifecycle file")
                .hasMessageContaining("give the model of the lifecycle file another name");
        assertThat(endpoints.get(PARCELS).origin()).isEqualTo(ServedEndpoint.Origin.api);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Churn", "a b", "a/b", "churn@spring", "..", "ä"})
    void namesHaveTheAlphabetOfModels(String name) {
        refused(ErrorCode.INVALID_ARGUMENT, () -> EndpointCatalogue.name(name))
                .hasMessageStartingWith("endpoint name '");
    }

    @Test
    void statsIsAWordOfTheProtocols() {
        refused(ErrorCode.INVALID_ARGUMENT, () -> EndpointCatalogue.name("stats"))
                .hasMessage("'stats' is a word of the serving protocols; give the endpoint another name");
    }

    @Test
    void aChangeTouchesWhatItNamesAndNothingElse() {
        create(CHURN);
        catalogue.change(ANN, CHURN, null, Json.parse("{\"mode\":\"mlflow\",\"log\":{\"share\":0.5}}"), null);
        ServedEndpoint changed = endpoints.get(CHURN);
        assertThat(changed.settings().mode()).isEqualTo(EndpointSettings.Mode.mlflow);
        assertThat(changed.settings().log().share()).isEqualTo(0.5);
        assertThat(changed.key()).containsExactly("customer");
        assertThat(changed.edition()).isEqualTo(2);
        catalogue.change(ANN, CHURN, List.of(), Json.object(), 2);
        assertThat(endpoints.get(CHURN).key()).isEmpty();
        assertThat(endpoints.get(CHURN).settings().mode()).isEqualTo(EndpointSettings.Mode.mlflow);
    }

    @Test
    void ofTwoWhoChangeTheSameEditionOneIsTold() {
        create(CHURN);
        catalogue.change(ANN, CHURN, List.of("a"), Json.object(), 1);
        refused(ErrorCode.CONFLICT, () -> catalogue.change(ANN, CHURN, List.of("b"), Json.object(), 1))
                .hasMessage("endpoint 'churn' was changed meanwhile: edition 1 was seen, 2 is there; look at it again");
        assertThat(endpoints.get(CHURN).key()).containsExactly("a");
    }

    @Test
    void aFallbackMustBeAVariant() {
        create(CHURN);
        refused(
                        ErrorCode.INVALID_ARGUMENT,
                        () -> catalogue.change(
                                ANN, CHURN, null, Json.parse("{\"fallback\":{\"version\":\"iris/2\"}}"), null))
                .hasMessageStartingWith("endpoint 'churn' has no version 'iris/2' to fall back to");
    }

    @Test
    void whatTheEndpointFallsBackToStaysLoaded() {
        two();
        catalogue.change(ANN, CHURN, null, Json.parse("{\"fallback\":{\"version\":\"iris/1\"}}"), null);
        traffic.promote(ANN, CHURN, TWO);
        refused(ErrorCode.INVALID_STATE, () -> traffic.remove(ANN, CHURN, ONE))
                .hasMessage(
                        "endpoint 'churn' falls back to version 'iris/1'; change its fallback before it is removed");
        assertThat(endpoints.config().endpoints().getFirst().fallback().version())
                .isEqualTo(ONE);
    }

    @Test
    void anEndpointOfAFileIsChangedByItsFile() {
        declared(PARCELS);
        refused(ErrorCode.INVALID_STATE, () -> catalogue.change(ANN, PARCELS, List.of(), Json.object(), null))
                .hasMessageContaining("'perennial apply'");
        refused(ErrorCode.INVALID_STATE, () -> catalogue.delete(ANN, PARCELS, true));
        refused(ErrorCode.INVALID_STATE, () -> traffic.weights(ANN, PARCELS, Map.of(ONE, 10)));
        assertThat(ledger(PARCELS)).isEmpty();
    }

    @Test
    void oneThatAnswersIsDeletedByWhoSaysSo() {
        two();
        refused(ErrorCode.INVALID_ARGUMENT, () -> catalogue.delete(ANN, CHURN, false))
                .hasMessage("endpoint 'churn' answers callers, who will be refused; repeat its name as 'confirm' to"
                        + " delete it");
        catalogue.delete(ANN, CHURN, true);
        assertThat(endpoints.find(CHURN)).isEmpty();
        assertThat(endpoints.variants(CHURN)).isEmpty();
        assertThat(endpoints.config().endpoints()).isEmpty();
        assertThat(ledger(CHURN)).endsWith("deployment.stop");
    }

    @Test
    void theNameOfADeletedEndpointStaysWithItsProject() {
        create(CHURN);
        catalogue.delete(ANN, CHURN, false);
        assertThat(endpoints.project(CHURN)).contains("default");
        refused(
                        ErrorCode.ALREADY_EXISTS,
                        () -> catalogue.create(ANN, CHURN, "other", List.of(), EndpointSettings.DEFAULT))
                .hasMessageContaining("was deleted in another project");
        create(CHURN);
        assertThat(endpoints.get(CHURN).key()).containsExactly("customer");
    }

    @Test
    void whatIsNotThereIsNotFound() {
        refused(ErrorCode.NOT_FOUND, () -> endpoints.get(CHURN))
                .hasMessage("no endpoint 'churn'; 'perennial endpoints' lists them, 'perennial deploy' makes one");
        refused(ErrorCode.NOT_FOUND, () -> catalogue.delete(ANN, CHURN, true));
        refused(ErrorCode.NOT_FOUND, () -> traffic.rollback(ANN, CHURN));
    }

    @Test
    void oneEndpointAnswersWhatNamesNone() {
        create(CHURN);
        declared(PARCELS);
        assertThat(endpoints.config().defaults().endpoint()).isNull();
        catalogue.byDefault(ANN, CHURN, true);
        catalogue.byDefault(ANN, PARCELS, true);
        assertThat(endpoints.config().defaults().endpoint()).isEqualTo("parcels");
        catalogue.byDefault(ANN, CHURN, false);
        assertThat(endpoints.config().defaults().endpoint())
                .as("not its to end")
                .isEqualTo("parcels");
        catalogue.byDefault(ANN, PARCELS, false);
        assertThat(endpoints.config().defaults().endpoint()).isNull();
    }

    @Test
    void everythingIsThereAfterARestart() {
        two();
        catalogue.change(ANN, CHURN, null, Json.parse("{\"fallback\":{\"constant\":[0.5]}}"), null);
        traffic.weights(ANN, CHURN, Map.of(TWO, 2_500));
        ScorerConfig before = endpoints.config();
        close();
        reopen();
        assertThat(endpoints.config()).isEqualTo(before);
        assertThat(placed(CHURN)).containsExactly("iris/1 champion 7500", "iris/2 canary 2500");
    }

    @Test
    void ofTwoWhoRollBackAtOnceTheSecondDoesNotUndoTheFirst() {
        two();
        traffic.promote(ANN, CHURN, TWO);
        traffic.rollback(ANN, CHURN, ONE);
        refused(ErrorCode.CONFLICT, () -> traffic.rollback(ANN, CHURN, ONE))
                .hasMessage(
                        "a rollback of endpoint 'churn' leads to iris/2 now, not to iris/1: somebody moved its traffic"
                                + " meanwhile; look again");
        assertThat(placed(CHURN)).containsExactly("iris/1 champion 10000", "iris/2 warm 0");
    }

    @Test
    void whoPromotesWithoutAVersionIsToldWhichThereAre() {
        two();
        traffic.promote(ANN, CHURN, null);
        refused(ErrorCode.INVALID_ARGUMENT, () -> traffic.promote(ANN, CHURN, null))
                .hasMessage("endpoint 'churn' has no candidate; name the version to promote");
    }

    @Test
    void aNameThatNoEndpointCanHaveIsCalledAnEndpointsName() {
        refused(ErrorCode.INVALID_ARGUMENT, () -> EndpointCatalogue.meant("Bad Name"))
                .hasMessage(
                        "endpoint name 'Bad Name' must be 1 to 63 of a-z, 0-9, '-', '_', '.', starting with a letter"
                                + " or digit");
        assertThat(EndpointCatalogue.meant("late@spring")).isEqualTo(ModelId.parse("late@spring"));
    }

    @Test
    void aRollbackReturnsToTheChampionBeforeAndForwardAgain() {
        two();
        refused(ErrorCode.INVALID_STATE, () -> traffic.rollback(ANN, CHURN))
                .hasMessage(
                        "endpoint 'churn' has no champion before the present one; there is nothing to roll back to");
        traffic.promote(ANN, CHURN, null);
        assertThat(placed(CHURN)).containsExactly("iris/1 warm 0", "iris/2 champion 10000");
        traffic.rollback(ANN, CHURN);
        assertThat(placed(CHURN)).containsExactly("iris/1 champion 10000", "iris/2 warm 0");
        traffic.rollback(ANN, CHURN);
        assertThat(placed(CHURN)).containsExactly("iris/1 warm 0", "iris/2 champion 10000");
        assertThat(ledger(CHURN)).endsWith("deployment.traffic", "deployment.rollback", "deployment.rollback");
    }

    @Test
    void nobodyMovesTrafficWhileARolloutDoes() {
        two();
        rollingOut(CHURN);
        refused(ErrorCode.INVALID_STATE, () -> traffic.weights(ANN, CHURN, Map.of(TWO, 1)));
        refused(ErrorCode.INVALID_STATE, () -> traffic.promote(ANN, CHURN, TWO));
        refused(ErrorCode.INVALID_STATE, () -> traffic.remove(ANN, CHURN, TWO));
        refused(ErrorCode.INVALID_STATE, () -> catalogue.delete(ANN, CHURN, true));
        store.database().writing(tx -> tx.sql().execute("update rollout set ended_at = 5"));
        traffic.promote(ANN, CHURN, TWO);
        assertThat(placed(CHURN)).contains("iris/2 champion 10000");
    }

    @Test
    void aRemovedCandidateReturnsItsShare() {
        two();
        traffic.weights(ANN, CHURN, Map.of(TWO, 2_500));
        traffic.remove(ANN, CHURN, TWO);
        assertThat(placed(CHURN)).containsExactly("iris/1 champion 10000");
    }
}
