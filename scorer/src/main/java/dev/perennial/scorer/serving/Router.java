package dev.perennial.scorer.serving;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scorer.config.BlobSource;
import dev.perennial.scorer.config.ScorerConfig;
import dev.perennial.scorer.config.ScorerConfig.EndpointConfig;
import dev.perennial.scorer.config.ScorerConfig.ModelFiles;
import dev.perennial.scorer.config.ScorerConfig.Place;
import dev.perennial.scorer.config.ScorerConfig.VariantConfig;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import dev.perennial.scoring.python.PythonRuntime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds what is served now and swaps it at once when a configuration comes: models are loaded before the swap, endpoints beside each other, and requests under way finish
 * on what they began with. A champion that cannot be loaded leaves its endpoint as it was; a candidate that cannot be loaded is taken
 * out and reported.
 */
public final class Router {
    private static final Logger LOG = LoggerFactory.getLogger(Router.class);

    private final Complaints complaints = new Complaints();

    private final ModelCache cache;
    private final Metrics metrics;
    private final BlownFuses blown;
    private final Consumer<FuseReport> report;
    private volatile boolean configured;
    private volatile Set<String> loading = Set.of();
    private volatile List<Unprepared> unprepared = List.of();
    private volatile boolean everWhole;
    private volatile String defaultEndpoint = "";
    private final AtomicReference<Serving> current;
    private final Map<FuseKey, Fuse> fuses = new HashMap<>();
    private Map<String, Placed> placed = Map.of();
    private volatile String problem = "no configuration yet";

    private record FuseKey(
            String endpoint, @Nullable String rollout, VariantConfig variant, ScorerConfig.FuseConfig limits) {}

    /** An endpoint with the files of its models. */
    private record Placed(Endpoint endpoint, List<ModelFiles> files) {}

    private record Loaded(VariantConfig config, Model model) {}

    public Router(ScorerSettings settings, Metrics metrics, Consumer<FuseReport> report) {
        this(settings, BlobSource.LOCAL, Environments.PREPARED, metrics, report);
    }

    /**
     * @param source of model files that are not there
     * @param environments of Python models
     */
    public Router(
            ScorerSettings settings,
            BlobSource source,
            Environments environments,
            Metrics metrics,
            Consumer<FuseReport> report) {
        PythonRuntime python = new PythonRuntime(
                settings.blobs(),
                settings.python().environments(),
                settings.spool().resolve("python"),
                settings.python().limits());
        this.cache = new ModelCache(
                settings.blobs(),
                new ModelLoader(settings.natives(), python),
                source,
                environments,
                settings.limits().modelBytes(),
                metrics);
        this.metrics = metrics;
        this.blown = new BlownFuses(settings.spool());
        this.report = report;
        this.current = new AtomicReference<>(new Serving(Map.of(), Set.of(), List.of(), cache));
        metrics.gauge("perennial_scorer_models_loaded", cache::size);
        blown.reports().forEach(report);
    }

    /** What is served now; close it when the request is done. */
    public Serving lease() {
        while (true) {
            Serving serving = current.get();
            if (serving.lease()) {
                return serving;
            }
        }
    }

    /** Whether any configuration was ever in effect; before that nobody can say which endpoints there are. */
    public boolean configured() {
        return configured;
    }

    /**
     * Endpoints whose champion is not loaded yet; one that has no version is not waited for. Once all were loaded, neither is one whose
     * environment is missing: making it takes minutes, and the others serve meanwhile.
     */
    public Set<String> loading() {
        return loading;
    }

    /** Versions that are not served since their environments are not there. */
    public List<Unprepared> unprepared() {
        return unprepared;
    }

    /** The endpoint that answers routes which name none; empty: none does. */
    public String defaultEndpoint() {
        return defaultEndpoint;
    }

    /** Why not everything of the newest configuration is in effect; empty when it is. */
    public String problem() {
        return problem;
    }

    /**
     * Puts a configuration into effect; false when a champion could not be loaded, and the caller should try again. An endpoint whose
     * models are there is served anew while those of others still load. Versions without their environment are left out and cost no other
     * try: whoever makes environments applies the configuration again.
     */
    public synchronized boolean apply(ScorerConfig config) {
        forgetFuses(config);
        Map<String, Placed> next = new HashMap<>();
        for (EndpointConfig wanted : config.endpoints()) {
            Placed before = placed.get(wanted.name());
            if (before != null) {
                next.put(wanted.name(), before);
            }
        }
        List<Arriving> arriving = config.endpoints().stream()
                .map(wanted -> new Arriving(wanted, cache))
                .toList();
        List<String> problems = new ArrayList<>();
        List<Unprepared> waiting = new ArrayList<>();
        try {
            List<Arriving> pending = new ArrayList<>(arriving);
            while (!pending.isEmpty()) {
                Arriving.awaitOne(pending);
                List<Arriving> ready = pending.stream().filter(Arriving::done).toList();
                ready.forEach(endpoint -> place(endpoint, next, problems, waiting));
                pending.removeAll(ready);
                if (!pending.isEmpty()) {
                    publish(config, next, waiting);
                }
            }
            problem = String.join("; ", problems);
            unprepared = List.copyOf(waiting);
            publish(config, next, waiting);
        } finally {
            arriving.forEach(Arriving::close);
        }
        if (problem.isEmpty()) {
            complaints.over();
            LOG.debug("revision {} in effect: {} endpoints", config.revision(), next.size());
        } else {
            complain("revision " + config.revision() + " is not wholly in effect: " + problem);
        }
        return problems.isEmpty();
    }

    private void place(Arriving arrived, Map<String, Placed> next, List<String> problems, List<Unprepared> waiting) {
        Endpoint endpoint = build(arrived, problems, waiting);
        if (endpoint != null) {
            next.put(endpoint.name(), new Placed(endpoint, arrived.loaded()));
        }
    }

    private void publish(ScorerConfig config, Map<String, Placed> next, List<Unprepared> waiting) {
        Map<String, Endpoint> endpoints = new HashMap<>();
        List<ModelFiles> held = new ArrayList<>();
        next.forEach((name, one) -> {
            endpoints.put(name, one.endpoint);
            held.addAll(one.files);
        });
        held.forEach(cache::acquire); // they are there: this one or the one before uses them
        Set<String> unready = new HashSet<>();
        config.endpoints().stream()
                .map(EndpointConfig::name)
                .filter(name -> !endpoints.containsKey(name))
                .forEach(unready::add);
        Set<String> waitedFor = config.endpoints().stream()
                .filter(endpoint -> unready.contains(endpoint.name()) && endpoint.hasChampion())
                .map(EndpointConfig::name)
                .collect(Collectors.toSet());
        everWhole |= waitedFor.isEmpty();
        if (everWhole) {
            waiting.forEach(one -> waitedFor.remove(one.endpoint()));
        }
        loading = Set.copyOf(waitedFor);
        placed = Map.copyOf(next);
        Serving before = current.getAndSet(new Serving(endpoints, unready, held, cache));
        before.close();
        defaultEndpoint = config.defaultEndpoint();
        configured = true;
    }

    private @Nullable Endpoint build(Arriving arrived, List<String> problems, List<Unprepared> waiting) {
        EndpointConfig config = arrived.config();
        @Nullable Loaded champion = null;
        List<Loaded> others = new ArrayList<>();
        for (VariantConfig variant : config.loaded()) {
            try {
                Loaded loaded = new Loaded(variant, arrived.model(variant));
                if (variant.role() == Place.CHAMPION) {
                    champion = loaded;
                } else {
                    others.add(loaded);
                }
            } catch (NotPrepared e) {
                LOG.info("{} of {} is not served: {}", variant.version(), config.name(), e.getMessage());
                waiting.add(e.of(config.name(), variant.version()));
            } catch (PerennialException | ModelFailure e) {
                if (variant.role() == Place.CHAMPION) {
                    problems.add("champion " + variant.version() + " of " + config.name() + " cannot be loaded: "
                            + e.getMessage());
                } else {
                    complain(variant.version() + " of " + config.name() + " cannot be loaded: " + e.getMessage());
                    if (candidate(variant) && !blown.contains(config.name(), variant.version(), config.rollout())) {
                        takeOut(fuse(config, variant).blow("the model cannot be loaded: " + e.getMessage()));
                    }
                }
            }
        }
        if (champion == null) {
            return null;
        }
        Schema schema = schema(config, champion.model(), others);
        Variant first = variant(config, champion, schema);
        List<Variant> rest =
                others.stream().map(loaded -> variant(config, loaded, schema)).toList();
        return new Endpoint(config, schema, first, rest);
    }

    private static @Nullable Schema schema(EndpointConfig config, Model champion, List<Loaded> others) {
        if (!(champion instanceof TabularModel rows)) {
            return null;
        }
        List<Signature> signatures = others.stream()
                .map(Loaded::model)
                .filter(TabularModel.class::isInstance)
                .map(model -> ((TabularModel) model).signature())
                .toList();
        return new Schema(rows.signature(), signatures, config.key());
    }

    private Variant variant(EndpointConfig endpoint, Loaded loaded, @Nullable Schema schema) {
        String version = loaded.config().version();
        var errors =
                metrics.counter("perennial_scorer_model_errors_total", "endpoint", endpoint.name(), "version", version);
        return new Variant(loaded.config(), loaded.model(), schema, fuse(endpoint, loaded.config()), errors);
    }

    private Fuse fuse(EndpointConfig endpoint, VariantConfig variant) {
        boolean out = variant.fused() != null || blown.contains(endpoint.name(), variant.version(), endpoint.rollout());
        return fuses.computeIfAbsent(
                new FuseKey(endpoint.name(), endpoint.rollout(), variant, endpoint.fuseOrDefault()),
                key -> new Fuse(endpoint.name(), variant.version(), endpoint.rollout(), endpoint.fuseOrDefault(), out));
    }

    private void complain(String line) {
        if (complaints.isNew(line)) {
            LOG.error("{}", line);
        }
    }

    /** A candidate failed too often: remembers it and tells the server. Its fuse already keeps traffic away. */
    void takeOut(FuseReport blownNow) {
        LOG.warn("{} is out of {}: {}", blownNow.version(), blownNow.endpoint(), blownNow.reason());
        metrics.counter(
                        "perennial_scorer_fuses_blown_total",
                        "endpoint",
                        blownNow.endpoint(),
                        "version",
                        blownNow.version())
                .increment();
        blown.add(blownNow);
        report.accept(blownNow);
    }

    private void forgetFuses(ScorerConfig config) {
        Set<FuseKey> wanted = new HashSet<>();
        List<Predicate<FuseReport>> candidates = new ArrayList<>();
        for (EndpointConfig endpoint : config.endpoints()) {
            for (VariantConfig variant : endpoint.variants()) {
                wanted.add(new FuseKey(endpoint.name(), endpoint.rollout(), variant, endpoint.fuseOrDefault()));
                if (candidate(variant)) {
                    candidates.add(report -> report.concerns(endpoint.name(), variant.version(), endpoint.rollout()));
                }
            }
        }
        blown.retain(report -> candidates.stream().anyMatch(candidate -> candidate.test(report)));
        fuses.keySet().retainAll(wanted);
    }

    private static boolean candidate(VariantConfig variant) {
        return variant.role() == Place.CANARY || variant.role() == Place.SHADOW;
    }
}
