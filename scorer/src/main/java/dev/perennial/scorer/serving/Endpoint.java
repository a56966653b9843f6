package dev.perennial.scorer.serving;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.Role;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.config.ScorerConfig.EndpointConfig;
import dev.perennial.scorer.config.ScorerConfig.Mode;
import dev.perennial.scorer.config.ScorerConfig.Place;
import dev.perennial.scorer.spool.Spool;
import dev.perennial.scoring.ModelSchema;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An endpoint under one configuration: schema, variants, clock. Immutable but for the fuses. */
public final class Endpoint {
    private static final long WALL_CLOCK_GRACE_MILLIS = 60_000;

    private final EndpointConfig config;
    private final @Nullable Schema schema;
    private final Variant champion;
    private final ModelSchema model;
    private final List<Variant> others;
    private final List<Variant> canaries;
    private final List<Variant> shadows;
    private final Optional<Fallback> fallback;
    private final boolean foreign;
    private final int instances;
    private final EndpointLog log;
    private final Spool.Form form;
    private final List<Map<String, LongAdder>> answers = Stream.of(Role.values())
            .<Map<String, LongAdder>>map(role -> new ConcurrentHashMap<>())
            .toList();

    Endpoint(EndpointConfig config, @Nullable Schema schema, Variant champion, List<Variant> others) {
        this.config = config;
        this.schema = schema;
        this.champion = champion;
        this.model = champion.model().schema();
        this.others = List.copyOf(others);
        this.canaries = others.stream()
                .filter(v -> v.place() == Place.CANARY && v.weight() > 0)
                .toList();
        this.fallback = Fallback.of(config.fallback(), champion, others);
        this.shadows = others.stream().filter(v -> v.place() == Place.SHADOW).toList();
        this.log = schema == null ? EndpointLog.NOTHING : new EndpointLog(config.policy(), schema.logColumns());
        this.form = new Spool.Form(log.columns(), log.policy());
        this.instances = Stream.concat(Stream.of(champion), canaries.stream())
                .mapToInt(Variant::instances)
                .max()
                .orElse(1);
        this.foreign = champion.foreign() || canaries.stream().anyMatch(Variant::foreign);
    }

    public String name() {
        return config.name();
    }

    /**
     * What rows of this endpoint are made of.
     *
     * @throws PerennialException when it takes tensors only
     */
    public Schema schema() {
        if (schema == null) {
            throw PerennialException.invalid(
                    "endpoint",
                    "endpoint '" + name() + "' takes tensors, not rows of columns; call /v2/models/" + name()
                            + "/infer");
        }
        return schema;
    }

    /** Whether rows with one score each are answered; if not, only tensors are. */
    public boolean tabular() {
        return schema != null;
    }

    /** What the champion takes and gives. */
    public ModelSchema model() {
        return model;
    }

    /** Version that answers what no candidate takes. */
    public String championVersion() {
        return champion.version();
    }

    /** Every version that is loaded and was not taken out, the champion's first. */
    public List<String> versions() {
        return Stream.concat(
                        Stream.of(champion),
                        others.stream().filter(variant -> !variant.fuse().blown()))
                .map(Variant::version)
                .distinct()
                .toList();
    }

    /**
     * The variant of a version that may answer, by its full name or by the number at its end.
     *
     * @throws PerennialException when there is none
     */
    Variant live(String version) {
        if (named(champion, version)) {
            return champion;
        }
        for (Variant variant : others) {
            if (named(variant, version) && !variant.fuse().blown()) {
                return variant;
            }
        }
        config.unloaded().forEach((name, by) -> {
            if (named(name, version)) {
                throw new PerennialException(
                        ErrorCode.UNAVAILABLE,
                        "version " + name + " of endpoint '" + name() + "' was unloaded by " + by
                                + "; load it again first");
            }
        });
        throw PerennialException.notFound(
                "endpoint '" + name() + "' has no live version '" + version + "'; there are " + versions());
    }

    /**
     * Full name of a live version.
     *
     * @param version its full name or the number at its end
     * @throws PerennialException when there is none
     */
    public String version(String version) {
        return live(version).version();
    }

    private static boolean named(Variant variant, String version) {
        return named(variant.version(), version);
    }

    private static boolean named(String full, String version) {
        return full.equals(version)
                || (full.endsWith(version)
                        && full.length() > version.length()
                        && full.charAt(full.length() - version.length() - 1) == '/');
    }

    /**
     * What callers call a version of this endpoint: its number, as long as that leads to it, else its full name; models of two names may have
     * versions of one number.
     */
    public String called(String version) {
        String number = number(version);
        return Stream.concat(versions().stream(), config.unloaded().keySet().stream())
                        .filter(one -> named(one, number))
                        .findFirst()
                        .filter(version::equals)
                        .isPresent()
                ? number
                : version;
    }

    /** The number of a version as callers know it: {@code 3} of {@code flights/3}. */
    public static String number(String version) {
        return version.substring(version.lastIndexOf('/') + 1);
    }

    /** Versions that somebody unloaded, and who. */
    public Map<String, String> unloaded() {
        return config.unloaded();
    }

    /** Whether answering runs foreign code, which must not block an event loop. */
    public boolean foreign() {
        return foreign;
    }

    /** So many calls at once its models have room for at least. */
    int instances() {
        return instances;
    }

    /** How MLflow's scoring protocol reads values for this endpoint. */
    public Mode mode() {
        return config.modeOrDefault();
    }

    /** Now, by this endpoint's clock. */
    public long now(InstantSource wallClock) {
        var clock = config.clock();
        Long until = clock == null ? null : clock.until();
        return until == null ? wallClock.millis() : until;
    }

    /** The latest time at which a prediction may be dated. */
    public long latestPredictedAt(InstantSource wallClock) {
        var clock = config.clock();
        Long until = clock == null ? null : clock.until();
        return until == null ? wallClock.millis() + WALL_CLOCK_GRACE_MILLIS : until;
    }

    /** Whether who calls makes a difference. */
    public boolean draws() {
        return !canaries.isEmpty() || halved();
    }

    /** Who answers a call: the split decides by who calls, and nobody in particular gets the champion. */
    Split.Choice choose(@Nullable String key) {
        return key == null || !draws() ? Split.Choice.CHAMPION : drawn(key);
    }

    /** Who answers a row: the split decides by its id. */
    Split.Choice choose(Instance row) {
        return choose(row, null);
    }

    /** @param key who calls, which decides in place of the row's id; null when nobody said */
    Split.Choice choose(Instance row, @Nullable String key) {
        return drawn(key == null ? row.id() : key);
    }

    private Split.Choice drawn(String drawn) {
        if (canaries.isEmpty()) {
            return halved() && Split.bucket(config.salt(), drawn) < Split.BUCKETS / 2
                    ? Split.Choice.CONTROL
                    : Split.Choice.CHAMPION;
        }
        int bucket = Split.bucket(config.salt(), drawn);
        boolean control = false;
        int from = 0;
        for (Variant canary : canaries) {
            int inside = bucket - from;
            if (inside >= 0 && canary.takes(inside)) {
                return new Split.Choice(canary, false);
            }
            control |= !canary.fuse().blown() && inside >= canary.weight() && inside < 2 * canary.weight();
            from += canary.weight();
        }
        return new Split.Choice(null, control);
    }

    /**
     * Whether the champion's callers are drawn in two halves while there is no canary: how much two groups that get the same model differ is
     * what rollouts without outcomes are judged against.
     */
    boolean halved() {
        return Boolean.TRUE.equals(config.halves());
    }

    /** Whether calls of tensors are tallied in the log. */
    boolean tallied() {
        return Boolean.TRUE.equals(config.calls());
    }

    /** Counter of answers by version and role; the name is looked up once for a configuration. */
    LongAdder counter(Metrics metrics, Answer answer) {
        return counter(metrics, answer.version(), answer.role());
    }

    LongAdder counter(Metrics metrics, String by, Role role) {
        Map<String, LongAdder> byVersion = answers.get(role.ordinal());
        LongAdder counter = byVersion.get(by);
        return counter != null
                ? counter
                : byVersion.computeIfAbsent(
                        by,
                        version -> metrics.counter(
                                "perennial_scorer_predictions_total",
                                "endpoint",
                                name(),
                                "version",
                                version,
                                "role",
                                role.word()));
    }

    /** What answers when the champion fails; empty: the call fails. */
    Optional<Fallback> fallback() {
        return fallback;
    }

    /** What of its rows is logged. */
    EndpointLog log() {
        return log;
    }

    Spool.Form form() {
        return form;
    }

    EndpointConfig config() {
        return config;
    }

    Variant champion() {
        return champion;
    }

    List<Variant> canaries() {
        return canaries;
    }

    List<Variant> shadows() {
        return shadows;
    }
}
