package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.LifecycleParser;
import dev.perennial.lifecycle.file.LifecyclePlan;
import dev.perennial.lifecycle.file.ParseResult;
import dev.perennial.lifecycle.file.Problem;
import dev.perennial.lifecycle.file.Source;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.ScorerConfig;
import dev.perennial.store.Database;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Plans and applies lifecycle files. A plan changes nothing but for the pipeline run that looks at the sources; applying the same file
 * twice changes nothing the second time. Thread-safe.
 */
public final class Applications {

    private final Database database;
    private final Lifecycles lifecycles;
    private final Decisions decisions;
    private final LoopStates states;
    private final Endpoints endpoints;
    private final Inspection inspection;

    Applications(
            Database database,
            Lifecycles lifecycles,
            Decisions decisions,
            LoopStates states,
            Endpoints endpoints,
            Inspection inspection) {
        this.database = database;
        this.lifecycles = lifecycles;
        this.decisions = decisions;
        this.states = states;
        this.endpoints = endpoints;
        this.inspection = inspection;
    }

    /**
     * What to plan or apply.
     *
     * @param text of the lifecycle file
     * @param path of the lifecycle file; relative source paths are read against its folder
     * @param scope name of a replay, or empty for the live model
     * @param sourcePaths other files to read for some sources, by source name; a replay gives its copies
     * @param replayClock first clock of a replay
     */
    public record Order(
            String text,
            String path,
            String scope,
            Map<String, String> sourcePaths,
            @Nullable Long replayClock,
            String actor) {
        public Order {
            sourcePaths = Map.copyOf(sourcePaths);
        }
    }

    /** @param problems when there are any, nothing else is said and nothing can be applied */
    public record Outcome(
            String model,
            String digest,
            List<Problem> problems,
            List<LifecyclePlan.Change> changes,
            boolean applied,
            List<String> next,
            @Nullable LifecycleFile file) {}

    /** What applying would change. A text without mistakes is also held against the files of its sources, which takes a worker. */
    public Outcome plan(Order order) {
        ParseResult parsed = parse(order);
        if (parsed.file().isEmpty()) {
            return refused(parsed.problems());
        }
        LifecycleFile file = withPaths(parsed.file().get(), order.sourcePaths());
        ModelId model = new ModelId(file.model(), order.scope());
        List<Problem> problems = parsed.against(inspection.describe(file));
        return problems.isEmpty() ? outcome(model, file, false) : refused(problems);
    }

    public Outcome apply(Order order) {
        ParseResult parsed = parse(order);
        if (parsed.file().isEmpty()) {
            return refused(parsed.problems());
        }
        LifecycleFile file = withPaths(parsed.file().get(), order.sourcePaths());
        ModelId model = new ModelId(file.model(), order.scope());
        Optional<AppliedLifecycle> before = lifecycles.find(model);
        if (before.isPresent() && before.get().digest().equals(file.digest())) {
            return outcome(model, file, false);
        }
        if (model.replayed() && order.replayClock() == null && before.isEmpty()) {
            throw PerennialException.invalid(
                    "scope", "there is no replay '" + order.scope() + "'; start it with 'perennial replay'");
        }
        List<Problem> problems = parsed.against(inspection.describe(file));
        if (!problems.isEmpty()) {
            return refused(problems);
        }
        Outcome outcome = outcome(model, file, true);
        long at = before.isPresent() || order.replayClock() == null ? lifecycles.clock(model) : order.replayClock();
        database.writing(tx -> {
            Optional<Long> replayClock = model.replayed() ? Optional.of(at) : Optional.empty();
            AppliedLifecycle applied = lifecycles.apply(
                    tx, model, file, String.valueOf(Path.of(order.path()).getParent()), order.text(), replayClock);
            ScorerConfig.Fuse fuse =
                    ScorerConfig.Fuse.tolerating(file.rollout().stopOn().errorShare());
            endpoints.declare(
                    tx, model, file.base().key(), fuse, file.rollout().keepWarmMillis(), replayClock.orElse(null));
            endpoints.halves(
                    tx, model, !model.replayed() && file.rollout().stopOn().latencyRatio() != null);
            states.create(tx, model, LoopState.starting(at));
            ObjectNode evidence =
                    Json.object().put("digest", file.digest().hex()).put("revision", applied.revision());
            evidence.set("changes", Json.tree(outcome.changes()));
            decisions.record(
                    tx,
                    new Decisions.Draft(
                            model,
                            at,
                            order.actor(),
                            Decision.Kind.APPLY,
                            "APPLIED",
                            null,
                            "Lifecycle file applied",
                            "Revision " + applied.revision() + " of the lifecycle file is in force: "
                                    + outcome.changes().size() + " changes.",
                            evidence,
                            false));
        });
        return outcome;
    }

    /** The file of another candidate, parsed; problems are an error that names them all. */
    public LifecycleFile candidate(ModelId model, String text, String path) {
        AppliedLifecycle applied = lifecycles.get(model);
        Map<String, String> paths = new HashMap<>();
        applied.file().sources().forEach((name, source) -> paths.put(name, source.path()));
        ParseResult parsed = LifecycleParser.parse(text, folder(path));
        if (parsed.file().isEmpty()) {
            throw PerennialException.invalid(
                    "text",
                    "the candidate's lifecycle file has " + parsed.problems().size() + " problems: "
                            + String.join(
                                    "; ",
                                    parsed.problems().stream()
                                            .map(Problem::text)
                                            .toList()));
        }
        return withPaths(parsed.file().get(), paths);
    }

    private static Outcome refused(List<Problem> problems) {
        return new Outcome("", "", problems, List.of(), false, List.of(), null);
    }

    private Outcome outcome(ModelId model, LifecycleFile file, boolean applied) {
        Optional<AppliedLifecycle> before = lifecycles.find(model);
        List<LifecyclePlan.Change> changes = LifecyclePlan.changes(before.map(AppliedLifecycle::file), file);
        List<String> next = before.isEmpty()
                ? List.of("a first version is trained from what is known by then, judged, and serves when it passes")
                : changes.isEmpty() ? List.of("nothing to do") : List.of("the next candidate is made by this file");
        return new Outcome(model.toString(), file.digest().hex(), List.of(), changes, applied, next, file);
    }

    private static ParseResult parse(Order order) {
        return LifecycleParser.parse(order.text(), folder(order.path()));
    }

    /** The folder against which a lifecycle file's relative paths are read. */
    public static Path folder(String path) {
        Path file = Path.of(path);
        if (!file.isAbsolute() || file.getParent() == null) {
            throw PerennialException.invalid("path", "path '" + path + "' of the lifecycle file must be absolute");
        }
        return file.getParent();
    }

    private static LifecycleFile withPaths(LifecycleFile file, Map<String, String> paths) {
        Map<String, Source> sources = new HashMap<>();
        file.sources()
                .forEach((name, source) -> sources.put(
                        name,
                        new Source(
                                paths.getOrDefault(name, source.path()),
                                paths.getOrDefault(name, source.path()).endsWith(".parquet") ? null : source.csv(),
                                source.key(),
                                source.eventTime(),
                                source.sample(),
                                source.knownAhead(),
                                source.knownAt())));
        return new LifecycleFile(
                file.model(),
                file.title(),
                file.owner(),
                file.risk(),
                file.timeZone(),
                sources,
                file.predict(),
                file.contract(),
                file.features(),
                file.train(),
                file.gates(),
                file.rollout(),
                file.monitor(),
                file.retrain());
    }
}
