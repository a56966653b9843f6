package dev.perennial.scorer.config;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.predictionlog.LogPolicy;
import dev.perennial.scorer.access.AccessConfig;
import dev.perennial.scoring.ModelResources;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a scorer serves, as the server tells it. Members of a younger server are ignored.
 *
 * @param revision grows with each change
 * @param flush when it rises, everything logged so far is sealed, delivered and confirmed
 * @param defaults what is meant by callers who do not say; null from servers that do not tell
 * @param access who may ask; null from a server that does not tell: anybody
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ScorerConfig(
        long revision,
        long flush,
        List<EndpointConfig> endpoints,
        @Nullable DefaultsConfig defaults,
        @Nullable AccessConfig access) {
    /** Nothing to serve yet. */
    public static final ScorerConfig NONE = new ScorerConfig(-1, 0, List.of());

    /** Without defaults, and for anybody. */
    public ScorerConfig(long revision, long flush, List<EndpointConfig> endpoints) {
        this(revision, flush, endpoints, null, null);
    }

    /** The versions of each endpoint. */
    public Map<String, Set<String>> versions() {
        Map<String, Set<String>> versions = new HashMap<>();
        endpoints.forEach(endpoint -> versions.put(
                endpoint.name(),
                endpoint.variants().stream().map(VariantConfig::version).collect(Collectors.toSet())));
        return versions;
    }

    /** Name of the endpoint that answers routes which name none; empty: none does. */
    public String defaultEndpoint() {
        return defaults == null || defaults.endpoint() == null ? "" : defaults.endpoint();
    }

    /** @param endpoint answers routes that name none; null: nobody does */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record DefaultsConfig(@Nullable String endpoint) {}

    /**
     * @param name the model id that callers address
     * @param key columns that form the prediction id
     * @param salt of the split; a new rollout brings a new one
     * @param clock how late a prediction may be dated; null means the wall clock
     * @param fuse when a candidate is taken out; null means the defaults
     * @param rollout named in reports about its candidate; null from servers that do not name them
     * @param mode how MLflow's scoring protocol reads values; null means strictly
     * @param fallback what answers when the champion fails; null: the call fails
     * @param halves whether the champion's callers are drawn in two halves while there is no canary; null means not
     * @param log what of its predictions is logged; null means everything
     * @param limits what may wait and how long; null means the scorer's own limits
     * @param calls whether calls of tensors are tallied in the log; null from servers that cannot read such tallies
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record EndpointConfig(
            String name,
            List<String> key,
            String salt,
            @Nullable ClockConfig clock,
            List<VariantConfig> variants,
            @Nullable FuseConfig fuse,
            @Nullable String rollout,
            @Nullable Mode mode,
            @Nullable FallbackConfig fallback,
            @Nullable Boolean halves,
            @Nullable LogConfig log,
            @Nullable LimitsConfig limits,
            @Nullable Boolean calls) {
        @SuppressWarnings("NullAway") // a JSON document may leave these out
        public EndpointConfig {
            key = key == null ? List.of() : List.copyOf(key);
            salt = salt == null ? "" : salt;
            variants = variants == null ? List.of() : List.copyOf(variants);
        }

        /** Whether a version is to answer; an endpoint that was made and has no version yet has none. */
        public boolean hasChampion() {
            return variants.stream().anyMatch(variant -> variant.role() == Place.CHAMPION);
        }

        /** One without fallback and halves, that logs everything and has no limits of its own. */
        public EndpointConfig(
                String name,
                List<String> key,
                String salt,
                @Nullable ClockConfig clock,
                List<VariantConfig> variants,
                @Nullable FuseConfig fuse,
                @Nullable String rollout,
                @Nullable Mode mode) {
            this(name, key, salt, clock, variants, fuse, rollout, mode, null, null, null, null, null);
        }

        /** What is left out of the log; null when nothing is. */
        public @Nullable LogPolicy policy() {
            return log == null ? null : log.policy();
        }

        public LimitsConfig limitsOrDefault() {
            return limits == null ? LimitsConfig.NONE : limits;
        }

        /** The variants that are to be loaded. */
        public List<VariantConfig> loaded() {
            return variants.stream()
                    .filter(variant -> variant.unloadedBy() == null)
                    .toList();
        }

        /** Versions that somebody unloaded, and who. */
        public Map<String, String> unloaded() {
            Map<String, String> unloaded = new TreeMap<>();
            for (VariantConfig variant : variants) {
                if (variant.unloadedBy() != null) {
                    unloaded.put(variant.version(), variant.unloadedBy());
                }
            }
            return unloaded;
        }

        public Mode modeOrDefault() {
            return mode == null ? Mode.STRICT : mode;
        }

        public FuseConfig fuseOrDefault() {
            return fuse == null ? FuseConfig.DEFAULT : fuse;
        }
    }

    /**
     * What answers in the champion's place; one of the three.
     *
     * @param version a variant of the endpoint
     * @param constant the score of every row
     * @param outputs by the name of each of the model's outputs, what it holds for every row
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record FallbackConfig(
            @Nullable String version,
            @Nullable List<Double> constant,
            @Nullable Map<String, JsonNode> outputs) {
        /** Another version, or a constant score. */
        public FallbackConfig(@Nullable String version, @Nullable List<Double> constant) {
            this(version, constant, null);
        }
    }

    /**
     * What is logged; what is not given is as if there were no policy.
     *
     * @param share of the champion's rows that are logged, from 0 to 1; rows of rollouts always are
     * @param redact columns whose values never reach the disk
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record LogConfig(
            LogPolicy.@Nullable Inputs inputs,
            @Nullable Double share,
            @Nullable List<String> redact) {
        @Nullable
        LogPolicy policy() {
            LogPolicy policy = new LogPolicy(
                    inputs == null ? LogPolicy.Inputs.ALL : inputs,
                    share == null ? 1 : Math.clamp(share, 0, 1),
                    redact == null ? List.of() : redact);
            return policy.equals(LogPolicy.ALL) ? null : policy;
        }
    }

    /**
     * Bounds of one endpoint, within those of the scorer.
     *
     * @param concurrency batches that run at once
     * @param queueRows calls that wait for a thread
     * @param queueBytes bytes of calls that wait for a thread
     * @param deadlineMillis how long a request may take whose caller names no deadline
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record LimitsConfig(
            @Nullable Integer concurrency,
            @Nullable Integer queueRows,
            @Nullable Long queueBytes,
            @Nullable Long deadlineMillis) {
        static final LimitsConfig NONE = new LimitsConfig(null, null, null, null);
    }

    /** How MLflow's scoring protocol turns values into those of the model's signature. */
    public enum Mode {
        /** Refuses what would lose its value. */
        @JsonProperty("strict")
        STRICT,
        /** Does what MLflow's own server does, with its losses, which are counted. */
        @JsonProperty("mlflow")
        MLFLOW
    }

    /** @param until epoch millis of the clock; null means the wall clock */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record ClockConfig(@Nullable Long until) {}

    /**
     * @param weight share of the keys in hundredths of a percent; of interest for a canary only
     * @param fused why a scorer took it out in this rollout, so that every scorer does; null when none did
     * @param load when the model is loaded; null means before it serves
     * @param unloadedBy who does not want it to be loaded; null when it shall be
     * @param resources what its model may use; null means the defaults
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record VariantConfig(
            String version,
            Place role,
            int weight,
            ModelFiles model,
            @Nullable String fused,
            @Nullable Load load,
            @Nullable String unloadedBy,
            @Nullable ResourcesConfig resources) {
        public VariantConfig {
            if (load == Load.DEMAND || resources != null) {
                model = model.with(load == Load.DEMAND, resources);
            }
        }

        /** One that no scorer took out, loaded before it serves. */
        public VariantConfig(String version, Place role, int weight, ModelFiles model) {
            this(version, role, weight, model, null, null, null, null);
        }
    }

    /** When a model is loaded. */
    public enum Load {
        /** Before its endpoint serves it. */
        @JsonProperty("eager")
        EAGER,
        /** At the first request for it, and again after it was evicted for want of memory. */
        @JsonProperty("demand")
        DEMAND
    }

    /**
     * Digests of manifest and model file, the names of two blobs.
     *
     * @param environment digest of the prepared environment of a Python model; null for others
     * @param demand whether they are loaded on demand; follows from the variant
     * @param resources what the model may use: other resources are another loaded model; follows from the variant
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    public record ModelFiles(
            String manifest,
            String file,
            @Nullable String environment,
            boolean demand,
            @Nullable ResourcesConfig resources) {
        public ModelFiles {
            manifest = new Digest(manifest).hex();
            file = new Digest(file).hex();
            environment = environment == null ? null : new Digest(environment).hex();
        }

        /** Of a model that needs no environment and is loaded before it serves. */
        public ModelFiles(String manifest, String file) {
            this(manifest, file, null, false, null);
        }

        ModelFiles with(boolean onDemand, @Nullable ResourcesConfig own) {
            return new ModelFiles(manifest, file, environment, onDemand, own);
        }

        /** What the loaded model may use. */
        public ModelResources uses() {
            return resources == null ? ModelResources.DEFAULT : resources.uses();
        }
    }

    /**
     * What a loaded model may use; what is not given, or makes no sense, is as for any model.
     *
     * @param threads native threads of one call
     * @param instances sessions of ONNX Runtime, or processes of a Python model
     * @param memoryBytes of each process of a Python model
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ResourcesConfig(
            @Nullable Integer threads,
            @Nullable Integer instances,
            @Nullable Long memoryBytes) {
        private ModelResources uses() {
            return new ModelResources(
                    threads == null ? 1 : Math.max(1, threads),
                    instances == null ? 1 : Math.max(1, instances),
                    memoryBytes == null ? 0 : Math.max(0, memoryBytes));
        }
    }

    /** The place of a variant in its endpoint. */
    public enum Place {
        @JsonProperty("champion")
        CHAMPION,
        @JsonProperty("canary")
        CANARY,
        @JsonProperty("shadow")
        SHADOW,
        @JsonProperty("warm")
        WARM
    }

    /**
     * @param errors so many errors in a row take a candidate out
     * @param share a larger share of errors takes it out, once {@code rows} rows were seen
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record FuseConfig(
            @Nullable Integer errors,
            @Nullable Double share,
            @Nullable Integer rows) {
        static final FuseConfig DEFAULT = new FuseConfig(null, null, null);
        private static final int ERRORS = 5;
        private static final double SHARE = 0.01;
        private static final int ROWS = 100;

        public int consecutive() {
            return errors == null ? ERRORS : errors;
        }

        public double shareOrDefault() {
            return share == null ? SHARE : share;
        }

        public int rowsOrDefault() {
            return rows == null ? ROWS : rows;
        }
    }
}
