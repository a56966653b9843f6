package dev.perennial.scorer.grpc;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Every method by its path. */
final class Services {
    static final String INFERENCE = "inference.GRPCInferenceService";
    private static final Set<String> OPEN = Set.of(
            "/" + INFERENCE + "/ServerLive", "/" + INFERENCE + "/ServerReady", "/" + INFERENCE + "/ServerMetadata");
    private static final String HEALTH = "/grpc.health.v1.Health/";
    private static final String REFLECTION = "/grpc.reflection.%s.ServerReflection/ServerReflectionInfo";

    private Services() {}

    /** Whether a method tells nothing of models, so that nobody has to show a token; health of a model is told to who may see it. */
    static boolean open(String path) {
        return path.startsWith(HEALTH) || path.startsWith("/grpc.reflection.") || OPEN.contains(path);
    }

    static Map<String, Methods.Method> all(
            InferCalls calls, ModelCalls models, HealthCalls health, ReflectionCalls reflection) {
        Map<String, Methods.Method> all = new HashMap<>();
        String inference = "/" + INFERENCE + "/";
        all.put(inference + "ModelInfer", Methods.unary(calls::infer));
        all.put(inference + "ModelStreamInfer", call -> new InferStream(call, calls));
        all.put(inference + "ServerLive", Methods.plain((caller, in, out) -> out.bool(1, true)));
        all.put(inference + "ServerReady", Methods.plain(models::serverReady));
        all.put(inference + "ServerMetadata", Methods.plain(models::serverMetadata));
        all.put(inference + "ModelReady", Methods.plain(models::modelReady));
        all.put(inference + "ModelMetadata", Methods.plain(models::modelMetadata));
        all.put(inference + "ModelConfig", Methods.plain(models::modelConfig));
        all.put(inference + "ModelStatistics", Methods.plain(models::modelStatistics));
        all.put(inference + "RepositoryIndex", Methods.plain(models::repositoryIndex));
        all.put(
                inference + "RepositoryModelLoad",
                Methods.unary((call, message) -> models.repositoryModel(call, message, true)));
        all.put(
                inference + "RepositoryModelUnload",
                Methods.unary((call, message) -> models.repositoryModel(call, message, false)));
        all.put(HEALTH + "Check", Methods.plain(health::check));
        all.put(HEALTH + "Watch", health::watch);
        all.put(REFLECTION.formatted("v1"), reflection::open);
        all.put(REFLECTION.formatted("v1alpha"), reflection::open);
        return Map.copyOf(all);
    }
}
