package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.RunView;
import dev.perennial.pipelines.WorkerResult;
import dev.perennial.registry.ModelName;
import dev.perennial.store.Transaction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What deploying a version promises on every database. */
abstract class DeployContract extends EndpointFixture {
    private static final Deployment.Plan SHADOW = Deployment.Plan.SHADOW;
    private final List<String> rollouts = new ArrayList<>();
    private boolean takes;
    private boolean objects;

    @Override
    boolean begins(Transaction tx, ModelId endpoint, VersionRef version, JsonNode plan, String by) {
        rollouts.add(endpoint + " " + version + " " + plan + " " + by);
        if (objects) {
            throw PerennialException.invalid("steps", "'steps' is no list");
        }
        return takes;
    }

    @Test
    void theFirstVersionMakesTheEndpointAndAnswersAllCalls() {
        logged("Iris flowers", XGBOOST, "model.xgb");
        Deployment ended = deployed(CHURN, "models:/Iris flowers/1", SHADOW);
        assertThat(ended.state()).isEqualTo(Deployment.State.DEPLOYED);
        assertThat(ended.role()).isEqualTo(Variant.Role.champion);
        assertThat(placed(CHURN)).containsExactly("Iris flowers/1 champion 10000");
        ServedEndpoint made = endpoints.get(CHURN);
        assertThat(made.origin()).isEqualTo(ServedEndpoint.Origin.api);
        assertThat(made.key()).isEmpty();
        assertThat(made.project()).isEqualTo("default");
        assertThat(made.createdBy()).isEqualTo("ann");
        assertThat(ledger(CHURN)).containsExactly("deployment.create", "deployment.update");
    }

    @Test
    void scorersAreToldTheManifestThatTheRunMadeAndTheFrozenModelFile() {
        logged("iris", XGBOOST, "model.xgb");
        deployed(CHURN, "iris/1", SHADOW);
        ScorerConfig.Endpoint told = endpoints.config().endpoints().getFirst();
        ScorerConfig.ServedVariant variant = told.variants().getFirst();
        assertThat(variant.version()).isEqualTo("iris/1");
        assertThat(new String(store.blobs().bytes(new Digest(variant.model().manifest()))))
                .isEqualTo("{\"format\": \"xgboost-ubj\"}");
        assertThat(new String(store.blobs().bytes(new Digest(variant.model().file()))))
                .isEqualTo("content of model.xgb");
        assertThat(told.project()).isEqualTo("default");
        assertThat(told.mode()).isEqualTo(EndpointSettings.Mode.strict);
    }

    private static Deployment.Plan using(String resources) {
        return new Deployment.Plan(0, false, Variant.Load.eager, Json.parse(resources), false, null);
    }

    @Test
    void scorersAreToldTheResourcesOfAVariant() {
        logged("iris", "onnx: {data: model.onnx}", "model.onnx");
        deployed(CHURN, "iris/1", using("{\"threads\":2,\"instances\":3}"));
        ScorerConfig.ServedVariant told =
                endpoints.config().endpoints().getFirst().variants().getFirst();
        assertThat(told.resources()).isEqualTo(new VariantResources(2, 3, null));
    }

    @Test
    void resourcesThatItsRuntimeDoesNotUseAreRefusedAndNothingIsMade() {
        logged("iris", XGBOOST, "model.xgb");
        refused(ErrorCode.INVALID_ARGUMENT, () -> deployed(CHURN, "iris/1", using("{\"threads\":2}")))
                .hasMessage("version 'iris/1' runs in the scorer itself, which takes no resources; 'resources' has"
                        + " [threads]");
        assertThat(endpoints.find(CHURN)).isEmpty();
    }

    /** What the steps of a Python model's deployment would give. */
    private void pythonSteps() {
        workers.on("bundle", work -> {
            Files.writeString(Path.of(work.staging()).resolve("m.json"), "{\"format\": \"python\"}");
            return new WorkerResult(
                    Map.of("python", Json.tree("3.11.7"), "requirements", Json.array()),
                    Map.of("manifest", "m.json"),
                    new WorkerResult.Usage(0, 0));
        });
        workers.on(
                "environment",
                work -> new WorkerResult(
                        Map.of("environment", Json.tree("ab".repeat(32))), Map.of(), new WorkerResult.Usage(0, 0)));
    }

    @Test
    void aPythonModelIsLookedAtInItsEnvironmentWithTheMemoryOfItsResources() {
        pythonSteps();
        String flavor = "python_function: {loader_module: mlflow.sklearn, python_version: 3.11.7}";
        logged("forest", flavor, "requirements.txt");
        deployed(CHURN, "forest/1", using("{\"memoryBytes\":3000000000,\"instances\":2}"));
        assertThat(workers.steps("environment").getLast().parameters().path("pythonDirs"))
                .hasToString("[\"/opt/python\"]");
        JsonNode looked = workers.steps("admit").getLast().parameters();
        assertThat(looked.path("environment").asText()).isEqualTo("ab".repeat(32));
        assertThat(looked.path("memoryBytes").asLong()).isEqualTo(3_000_000_000L);
        assertThat(looked.path("own").asBoolean()).isFalse();
        ScorerConfig.ServedVariant told =
                endpoints.config().endpoints().getFirst().variants().getFirst();
        assertThat(told.resources()).isEqualTo(new VariantResources(null, 2, 3_000_000_000L));
        assertThat(told.model().environment()).isEqualTo("ab".repeat(32));
    }

    @Test
    void aPythonModelWithoutResourcesIsLookedAtWithTheDefault() {
        pythonSteps();
        logged("forest", "python_function: {loader_module: x, python_version: 3.11.7}", "requirements.txt");
        deployed(CHURN, "forest/1", SHADOW);
        assertThat(workers.steps("admit").getLast().parameters().has("memoryBytes"))
                .isFalse();
    }

    @Test
    void theManifestOfALoopsVersionSaysWhatRunsIt() {
        loopVersion(PARCELS, 1);
        refused(ErrorCode.INVALID_ARGUMENT, () -> deployed(CHURN, PARCELS + "/1", using("{\"instances\":2}")))
                .hasMessageContaining("runs in the scorer itself");
    }

    @Test
    void anotherVersionIsAShadowUnlessSomethingElseIsSaid() {
        three();
        assertThat(deployed(CHURN, "iris/2", SHADOW).role()).isEqualTo(Variant.Role.shadow);
        assertThat(placed(CHURN)).containsExactly("iris/1 champion 10000", "iris/2 shadow 0");
    }

    @Test
    void aRolloutIsAskedForWhenThePlanHasOneAndNotOtherwise() {
        three();
        deployed(CHURN, "iris/2", SHADOW);
        assertThat(rollouts).isEmpty();
        JsonNode plan = Json.object().put("plan", "50% 1h");
        deployed(CHURN, "iris/3", new Deployment.Plan(0, false, Variant.Load.eager, null, false, plan));
        assertThat(rollouts).containsExactly("churn iris/3 {\"plan\":\"50% 1h\"} user:ann");
    }

    @Test
    void aVersionWhoseRolloutCannotBeginHasFailedAndIsNotLeftRunning() {
        three();
        objects = true;
        JsonNode plan = Json.object().put("steps", 7);
        Deployment ended =
                deployed(CHURN, "iris/2", new Deployment.Plan(0, false, Variant.Load.eager, null, false, plan));
        assertThat(ended.state()).isEqualTo(Deployment.State.FAILED);
        assertThat(ended.message()).isEqualTo("'steps' is no list");
        assertThat(placed(CHURN)).containsExactly("iris/1 champion 10000");
        assertThat(ledger(CHURN)).endsWith("deployment.create", "deployment.update");
        objects = false;
        assertThat(deployed(CHURN, "iris/2", SHADOW).state())
                .as("nothing stands in the way of another try")
                .isEqualTo(Deployment.State.DEPLOYED);
    }

    @Test
    void aShareMakesItACanaryBesideOthers() {
        three();
        deployed(CHURN, "iris/2", Deployment.Plan.canary(1_000));
        deployed(CHURN, "iris/3", Deployment.Plan.canary(2_500));
        assertThat(placed(CHURN)).containsExactly("iris/1 champion 6500", "iris/2 canary 1000", "iris/3 canary 2500");
    }

    @Test
    void nowReplacesTheChampionWhichStaysWarm() {
        three();
        deployed(CHURN, "iris/2", Deployment.Plan.NOW);
        assertThat(placed(CHURN)).containsExactly("iris/1 warm 0", "iris/2 champion 10000");
        traffic.rollback(ANN, CHURN);
        assertThat(placed(CHURN)).containsExactly("iris/1 champion 10000", "iris/2 warm 0");
    }

    @Test
    void anEndpointHasVersionsOfSeveralModels() {
        logged("iris", XGBOOST, "model.xgb");
        logged("Rose", XGBOOST, "model.xgb");
        deployed(CHURN, "iris/1", SHADOW);
        deployed(CHURN, "Rose/1", SHADOW);
        assertThat(placed(CHURN)).containsExactly("Rose/1 shadow 0", "iris/1 champion 10000");
    }

    @Test
    void aVersionThatIsCalledInAnotherFormThanTheChampionIsRefused() {
        logged("iris", XGBOOST, "model.xgb");
        logged("sound", "onnx: {data: model.onnx}", "model.onnx");
        deployed(CHURN, "iris/1", SHADOW);
        workers.on("bundle", work -> {
            Files.writeString(Path.of(work.staging()).resolve("m.json"), "{\"format\":\"onnx\",\"signature\":{}}");
            return new WorkerResult(Map.of(), Map.of("manifest", "m.json"), new WorkerResult.Usage(0, 0));
        });
        Deployment ended = deployed(CHURN, "sound/1", SHADOW);
        assertThat(ended.state()).isEqualTo(Deployment.State.FAILED);
        assertThat(ended.message())
                .isEqualTo(
                        "version 'sound/1' takes rows of columns, and the champion 'iris/1' of endpoint 'churn' tensors;"
                                + " callers cannot send both, so give it an endpoint of its own (--endpoint NAME)");
        assertThat(placed(CHURN)).containsExactly("iris/1 champion 10000");
    }

    @Test
    void whatIsBehindAnEndpointIsNotDeletedFromTheRegistry() {
        three();
        ModelName iris = ModelName.of("iris");
        refused(ErrorCode.INVALID_STATE, () -> registered.versions().delete("user:ann", iris, 1))
                .hasMessage(
                        "Model Version (name=iris, version=1) is behind endpoint 'churn' and cannot be deleted; take it"
                                + " out there first: perennial endpoints remove churn 'iris/1' --reason TEXT");
        refused(ErrorCode.INVALID_STATE, () -> registered.models().delete("user:ann", iris))
                .hasMessageStartingWith(
                        "Registered Model (name=iris) has version 1, which is behind endpoint 'churn' and cannot be");
        catalogue.delete(ANN, CHURN, true);
        registered.versions().delete("user:ann", iris, 1);
        registered.models().delete("user:ann", iris);
    }

    @Test
    void aVersionThatIsBehindNoEndpointIsDeleted() {
        three();
        logged("tulip", XGBOOST, "model.xgb");
        registered.versions().delete("user:ann", ModelName.of("tulip"), 1);
        refused(ErrorCode.NOT_FOUND, () -> registered.versions().get(ModelName.of("tulip"), 1));
    }

    @Test
    void anAliasIsTheVersionThatItPointsToNow() {
        three();
        alias("iris", "best", 3);
        Deployment ended = deployed(CHURN, "models:/iris@best", SHADOW);
        assertThat(ended.version()).isEqualTo(new VersionRef("iris", 3));
        assertThat(ended.source()).isEqualTo("models:/iris@best");
    }

    @Test
    void aVersionOfALoopNeedsNoBundle() {
        loopVersion(PARCELS, 1);
        Deployment ended = deployed(CHURN, "parcels/1", SHADOW);
        assertThat(ended.manifest()).isEqualTo(Digest.of("manifest1"));
        assertThat(workers.steps("bundle")).isEmpty();
        assertThat(placed(CHURN)).containsExactly("parcels/1 champion 10000");
    }

    @Test
    void aRefusedVersionGetsNothingAndTheReasonIsTold() {
        logged("iris", XGBOOST, "model.xgb");
        admitting("REFUSED", "its trees run in a circle");
        Deployment ended = deployed(CHURN, "iris/1", SHADOW);
        assertThat(ended.state()).isEqualTo(Deployment.State.REFUSED);
        assertThat(ended.message()).isEqualTo("its trees run in a circle");
        assertThat(ended.role()).isNull();
        assertThat(placed(CHURN)).isEmpty();
        assertThat(ledger(CHURN)).containsExactly("deployment.create", "deployment.update");
    }

    @Test
    void aRunThatFailsLeavesNoVariantAndSaysWhy() {
        logged("iris", XGBOOST, "model.xgb");
        workers.on("bundle", work -> {
            throw new IllegalStateException("column 'when' is datetime");
        });
        Deployment ended = deployed(CHURN, "iris/1", SHADOW);
        assertThat(ended.state()).isEqualTo(Deployment.State.FAILED);
        assertThat(ended.message()).isEqualTo("bundle: column 'when' is datetime");
        assertThat(placed(CHURN)).isEmpty();
    }

    @Test
    void aServerThatDiedBeforeTheRunEndedSettlesItWhenItIsBack() {
        logged("iris", XGBOOST, "model.xgb");
        Deployment started = begun(CHURN, "iris/1", SHADOW);
        assertThat(placed(CHURN)).as("nothing was settled yet").isEmpty();
        close();
        reopen();
        assertThat(deployments.find(started.id()).orElseThrow().state()).isEqualTo(Deployment.State.RUNNING);
        deployments.resume();
        assertThat(placed(CHURN)).containsExactly("iris/1 champion 10000");
        deployments.resume();
        assertThat(ledger(CHURN)).as("once").containsExactly("deployment.create", "deployment.update");
    }

    @Test
    void anEndThatIsToldTwiceChangesNothingTheSecondTime() {
        logged("iris", XGBOOST, "model.xgb");
        Deployment ended = deployed(CHURN, "iris/1", SHADOW);
        RunView run = engine.find(new RunId(ended.run())).orElseThrow();
        long revision = endpoints.revision();
        deployments.ended(run);
        assertThat(endpoints.revision()).isEqualTo(revision);
        assertThat(deployments.list(CHURN)).hasSize(1);
    }

    @Test
    void aCancelledRunIsACancelledDeployment() {
        logged("iris", XGBOOST, "model.xgb");
        workers.on("bundle", work -> {
            engine.cancel(new RunId(deployments.list(CHURN).getFirst().run()), "user:ann", "not this one");
            throw new IllegalStateException("stopped");
        });
        Deployment ended = deployed(CHURN, "iris/1", SHADOW);
        assertThat(ended.state()).isEqualTo(Deployment.State.CANCELLED);
        assertThat(placed(CHURN)).isEmpty();
    }

    @Test
    void aRolloutThatTheDeploymentAsksForBeginsAtAShadow() {
        three();
        takes = true;
        JsonNode plan = Json.object().put("steps", "1,5,25");
        Deployment ended =
                deployed(CHURN, "iris/2", new Deployment.Plan(0, false, Variant.Load.demand, null, false, plan));
        assertThat(rollouts).containsExactly("churn iris/2 {\"steps\":\"1,5,25\"} user:ann");
        assertThat(ended.role()).isEqualTo(Variant.Role.shadow);
        assertThat(endpoints.variants(CHURN))
                .extracting(Variant::load)
                .containsExactly(Variant.Load.eager, Variant.Load.demand);
    }

    @Test
    void theFirstVersionNeedsNoRollout() {
        logged("iris", XGBOOST, "model.xgb");
        deployed(CHURN, "iris/1", new Deployment.Plan(0, false, Variant.Load.eager, null, false, Json.object()));
        assertThat(rollouts).isEmpty();
    }

    @Test
    void whatWouldTakeTrafficWaitsForARunningRollout() {
        three();
        rollingOut(CHURN);
        refused(ErrorCode.INVALID_STATE, () -> begun(CHURN, "iris/2", Deployment.Plan.NOW))
                .hasMessage("a rollout moves the traffic of endpoint 'churn'; let it end, or abort it"
                        + " ('perennial rollouts abort churn'), first");
        deployed(CHURN, "iris/3", SHADOW);
        assertThat(placed(CHURN)).contains("iris/3 shadow 0");
    }

    @Test
    void aRolloutThatBeganMeanwhileTurnsAReplacementIntoAShadow() {
        three();
        begun(CHURN, "iris/2", Deployment.Plan.NOW);
        rollingOut(CHURN);
        deployments.resume();
        assertThat(placed(CHURN)).containsExactly("iris/1 champion 10000", "iris/2 shadow 0");
    }

    @Test
    void aVersionIsDeployedOnce() {
        three();
        refused(ErrorCode.INVALID_STATE, () -> begun(CHURN, "iris/1", SHADOW))
                .hasMessageStartingWith("version 'iris/1' is the champion of endpoint 'churn' already");
        begun(CHURN, "iris/2", SHADOW);
        refused(ErrorCode.INVALID_STATE, () -> begun(CHURN, "iris/2", SHADOW))
                .hasMessageContaining("is being deployed to endpoint 'churn' by run");
    }

    @Test
    void flavorsThatNobodyServesAreRefusedByName() {
        logged("wood", "spark: {data: x}", "x");
        refused(ErrorCode.INVALID_ARGUMENT, () -> begun(CHURN, "wood/1", SHADOW))
                .hasMessage("version 'wood/1' cannot be served: it has the flavors [spark]; scorers serve xgboost,"
                        + " lightgbm, onnx, python_function and this platform's own formats");
        assertThat(endpoints.find(CHURN)).as("nothing is left behind").isEmpty();
    }

    @Test
    void aModelFileThatTheFlavorNamesAndTheFolderLacksIsTold() {
        logged("wood", XGBOOST, "other.xgb");
        refused(ErrorCode.INVALID_ARGUMENT, () -> begun(CHURN, "wood/1", SHADOW))
                .hasMessage("version 'wood/1' cannot be served: it has no file 'model.xgb', which its flavor xgboost"
                        + " names");
    }

    @Test
    void aVersionThatIsNotThereIsNotFound() {
        refused(ErrorCode.NOT_FOUND, () -> begun(CHURN, "models:/nothing/1", SHADOW));
        refused(ErrorCode.INVALID_ARGUMENT, () -> begun(CHURN, "nothing", SHADOW))
                .hasMessage(
                        "version 'nothing' must look like models:/NAME/3, models:/NAME@ALIAS, NAME/3 or NAME@ALIAS");
    }

    @Test
    void anEndpointOfALifecycleFileTakesNoDeployment() {
        logged("iris", XGBOOST, "model.xgb");
        declared(PARCELS);
        refused(ErrorCode.INVALID_STATE, () -> begun(PARCELS, "iris/1", SHADOW))
                .hasMessageContaining("change the file and apply it")
                .hasMessageContaining("deploy to an endpoint of another name");
    }

    @Test
    void aWeightBeyondEverythingIsRefused() {
        logged("iris", XGBOOST, "model.xgb");
        refused(ErrorCode.INVALID_ARGUMENT, () -> begun(CHURN, "iris/1", Deployment.Plan.canary(10_001)))
                .hasMessage("weight 10001 must be 0 to 10000 basis points");
    }

    @Test
    void anEndpointThatWasDeletedMeanwhileGetsNothing() {
        three();
        refused(ErrorCode.INVALID_STATE, () -> {
                    begun(CHURN, "iris/2", SHADOW);
                    catalogue.delete(ANN, CHURN, true);
                })
                .hasMessageContaining("a version is being deployed to endpoint 'churn'");
    }

    /** Three versions, the first of which serves. */
    private void three() {
        for (int i = 0; i < 3; i++) {
            logged("iris", XGBOOST, "model.xgb");
        }
        deployed(CHURN, "iris/1", SHADOW);
    }
}
