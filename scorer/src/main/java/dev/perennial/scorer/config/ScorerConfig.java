package dev.perennial.scorer.config;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.perennial.kernel.Digest;
import dev.perennial.scorer.access.AccessConfig;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
            @Nullable FallbackConfig fallback) {
        @SuppressWarnings("NullAway") // a JSON document may leave these out
        public EndpointConfig {
            key = key == null ? List.of() : List.copyOf(key);
            salt = salt == null ? "" : salt;
            variants = variants == null ? List.of() : List.copyOf(variants);
        }

        /** Of an endpoint without a fallback. */
        public EndpointConfig(
                String name,
                List<String> key,
                String salt,
                @Nullable ClockConfig clock,
                List<VariantConfig> variants,
                @Nullable FuseConfig fuse,
                @Nullable String rollout,
                @Nullable Mode mode) {
            this(name, key, salt, clock, variants, fuse, rollout, mode, null);
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
     * What answers in the champion's place; one of the two.
     *
     * @param version a variant of the endpoint
     * @param constant the score of every row
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record FallbackConfig(
            @Nullable String version, @Nullable List<Double> constant) {}

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
     * @param unloadedBy who does not want it to be loaded; null when it shall be
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record VariantConfig(
            String version,
            Place role,
            int weight,
            ModelFiles model,
            @Nullable String unloadedBy) {
        /** One that is to be loaded. */
        public VariantConfig(String version, Place role, int weight, ModelFiles model) {
            this(version, role, weight, model, null);
        }
    }

    /** Digests of manifest and model file, the names of two blobs. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record ModelFiles(String manifest, String file) {
        public ModelFiles {
            manifest = new Digest(manifest).hex();
            file = new Digest(file).hex();
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
