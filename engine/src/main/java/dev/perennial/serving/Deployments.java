package dev.perennial.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.PipelineEngine;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.RunState;
import dev.perennial.pipelines.RunView;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings versions of the registry behind endpoints without a lifecycle file. A deployment is a pipeline run that makes the version
 * servable and looks at it; when the run has ended, one transaction writes the variant, the ledger entry and the end of the deployment.
 * A server that dies meanwhile settles it when it is back ({@link #resume}). Thread-safe.
 */
public final class Deployments {
    /** Name of the pipeline. */
    public static final String PIPELINE = Deployable.PIPELINE;

    /** Newest deployments that a list shows. */
    public static final int LIST_MAX = 10;

    private final Database database;
    private final InstantSource clock;
    private final Ids ids;
    private final PipelineEngine engine;
    private final VersionFinder finder;
    private final Traffic traffic;
    private final EndpointCatalogue catalogue;
    private final ServingLedger ledger;
    private final Rollouts rollouts;

    /** What can take a version over that was admitted. */
    @FunctionalInterface
    public interface Rollouts {
        /** Nobody does. */
        Rollouts NONE = (tx, endpoint, version, plan, by) -> false;

        /**
         * Begins a rollout of a variant that is a shadow by now, in the transaction in which it became one.
         *
         * @param plan what the deployment said of its rollout
         * @return whether it begins; if not, the variant stays a shadow
         */
        boolean begin(Transaction tx, ModelId endpoint, VersionRef version, JsonNode plan, String by);
    }

    /** The rooms that deployments use. */
    public record Parts(Database database, InstantSource clock, Ids ids, PipelineEngine engine, VersionFinder finder) {}

    public Deployments(Parts parts, Rollouts rollouts) {
        this.database = parts.database();
        this.clock = parts.clock();
        this.ids = parts.ids();
        this.engine = parts.engine();
        this.finder = parts.finder();
        this.traffic = new Traffic(database, clock);
        this.catalogue = new EndpointCatalogue(database, clock);
        this.ledger = new ServingLedger(clock);
        this.rollouts = rollouts;
    }

    /**
     * What is asked for.
     *
     * @param version as {@code models:/NAME/3}, {@code models:/NAME@ALIAS}, or without {@code models:/}
     * @param project of a new endpoint; an existing one has its own
     */
    public record Order(ModelId endpoint, String project, String version, Deployment.Plan plan) {}

    /**
     * Starts to deploy a version; an endpoint that is not there is made, without variants. Durable when it returns.
     *
     * @throws PerennialException when the version is not there or of no flavor that is served, when it is behind the endpoint already,
     *     or when somebody deploys it at this moment
     */
    public Deployment deploy(ServingAct act, Order order) {
        ModelId name = order.endpoint();
        Optional<ServedEndpoint> there = database.read(sql -> EndpointRows.find(sql, name));
        there.ifPresent(EndpointCatalogue::refuseOfFile);
        String project = there.map(ServedEndpoint::project).orElse(order.project());
        Deployable found = finder.find(project, order.version(), order.plan());
        VariantResources.check(found.version(), order.plan().resources(), found.runtime());
        return database.write(tx -> {
            if (EndpointRows.find(tx.sql(), name).isEmpty()) {
                catalogue.createIn(tx, act, EndpointCatalogue.name(name.toString()), project);
            }
            EndpointCatalogue.own(tx, name);
            check(tx, name, found.version(), order.plan());
            String id = ids.next();
            ObjectNode parameters = Json.object().put("deployment", id);
            String run = engine.start(
                            tx,
                            found.spec(),
                            "deploy " + id,
                            parameters,
                            name.toString(),
                            act.actor() + " deploys " + found.version() + ": " + act.reason())
                    .text();
            Deployment deployment = started(id, act, order, found, run);
            DeploymentRows.insert(tx, deployment);
            ObjectNode payload = Json.object()
                    .put("version", found.version().toString())
                    .put("run", run)
                    .put("plan", Json.canonical(order.plan()));
            ledger.entry(tx, act, "deployment.create", name, payload);
            return deployment;
        });
    }

    private Deployment started(String id, ServingAct act, Order order, Deployable found, String run) {
        return new Deployment(
                id,
                order.endpoint(),
                found.version(),
                order.version(),
                order.plan(),
                run,
                Deployment.State.RUNNING,
                "",
                null,
                0,
                found.manifest(),
                found.file(),
                null,
                null,
                act.actor(),
                act.reason(),
                clock.millis(),
                null);
    }

    private static void check(Transaction tx, ModelId name, VersionRef version, Deployment.Plan plan) {
        if (plan.weight() < 0 || plan.weight() > Variant.ALL) {
            throw PerennialException.invalid(
                    "weight", "weight " + plan.weight() + " must be 0 to " + Variant.ALL + " basis points");
        }
        EndpointRows.variants(tx.sql(), name).stream()
                .filter(variant -> variant.version().equals(version))
                .findFirst()
                .ifPresent(variant -> {
                    throw PerennialException.state("version '" + version + "' is the " + variant.role()
                            + " of endpoint '" + name + "' already; 'perennial promote " + name + "' gives it all"
                            + " traffic, 'perennial weights' a share");
                });
        DeploymentRows.running(tx.sql()).stream()
                .filter(other ->
                        other.endpoint().equals(name) && other.version().equals(version))
                .findFirst()
                .ifPresent(other -> {
                    throw PerennialException.state("version '" + version + "' is being deployed to endpoint '" + name
                            + "' by run " + other.run() + "; wait for it");
                });
        if (plan.now() || plan.weight() > 0) {
            Traffic.still(tx, name);
        }
    }

    /** The name of the model that a text of a version names. */
    public String model(String version) {
        return VersionFinder.model(version);
    }

    /**
     * A version that is to score without being deployed, and how it is made ready for that.
     *
     * @throws PerennialException as {@link VersionFinder#toScore}
     */
    public VersionFinder.Found toScore(String project, String version, boolean minor) {
        return finder.toScore(project, version, minor);
    }

    /** The newest deployments of an endpoint, newest first. */
    public List<Deployment> list(ModelId endpoint) {
        return database.read(sql -> DeploymentRows.of(sql, endpoint, LIST_MAX));
    }

    /** One deployment. */
    public Optional<Deployment> find(String id) {
        return database.read(sql -> DeploymentRows.find(sql, id));
    }

    /** What was found when a version was looked at that serves an endpoint; empty when it never was. */
    public Optional<JsonNode> admission(ModelId endpoint, Variant variant) {
        return database.read(sql -> DeploymentRows.admission(sql, endpoint, variant));
    }

    /** Settles every deployment whose run ended while no server looked; a second time changes nothing. */
    public void resume() {
        for (Deployment open : database.read(DeploymentRows::running)) {
            engine.find(new RunId(open.run())).ifPresent(this::ended);
        }
    }

    /** A run has ended: of a deployment, the variant is written or the reason why there is none. What cannot be placed has failed. */
    public void ended(RunView run) {
        if (!run.state().terminal()) {
            return;
        }
        try {
            database.writing(tx -> open(tx, run).ifPresent(found -> settle(tx, found, outcome(found, run))));
        } catch (PerennialException e) {
            database.writing(tx -> open(tx, run)
                    .ifPresent(found -> settle(
                            tx,
                            found,
                            outcome(found, run).refused(Deployment.State.FAILED, String.valueOf(e.getMessage())))));
        }
    }

    private static Optional<Deployment> open(Transaction tx, RunView run) {
        return DeploymentRows.ofRun(tx.sql(), run.run().text())
                .filter(found -> found.state() == Deployment.State.RUNNING);
    }

    private void settle(Transaction tx, Deployment open, Outcome found) {
        Outcome outcome = found;
        ServingAct act = new ServingAct(open.by(), open.reason());
        if (outcome.state() == Deployment.State.DEPLOYED
                && EndpointRows.find(tx.sql(), open.endpoint()).isEmpty()) {
            outcome = outcome.refused(Deployment.State.FAILED, "the endpoint is gone");
        }
        Variant placed = outcome.state() == Deployment.State.DEPLOYED ? place(tx, open, outcome) : null;
        Deployment ended = new Deployment(
                open.id(),
                open.endpoint(),
                open.version(),
                open.source(),
                open.plan(),
                open.run(),
                outcome.state(),
                outcome.message(),
                placed == null ? null : placed.role(),
                placed == null ? 0 : placed.weight(),
                outcome.manifest(),
                outcome.file(),
                outcome.environment(),
                outcome.admission(),
                open.by(),
                open.reason(),
                open.startedAt(),
                clock.millis());
        DeploymentRows.end(tx, ended);
        ObjectNode payload = placed == null
                ? Json.object()
                : ServingLedger.traffic(EndpointRows.variants(tx.sql(), open.endpoint()));
        payload.put("version", open.version().toString())
                .put("state", outcome.state().name())
                .put("message", outcome.message());
        if (outcome.admission() != null) {
            payload.put("admission", Json.digest(outcome.admission()).hex());
        }
        ledger.entry(tx, act, "deployment.update", open.endpoint(), payload);
    }

    /** Puts the version where the plan says; a share that others took meanwhile, or that a rollout decides of, is not given. */
    private Variant place(Transaction tx, Deployment open, Outcome outcome) {
        Deployment.Plan plan = open.plan();
        Variant added = new Variant(
                open.version(),
                Variant.Role.shadow,
                0,
                Objects.requireNonNull(outcome.manifest()),
                Objects.requireNonNull(outcome.file()),
                outcome.environment(),
                plan.load(),
                plan.resources());
        boolean moved = EndpointRows.rollingOut(tx.sql(), open.endpoint());
        Optional<Variant> champion = EndpointRows.variants(tx.sql(), open.endpoint()).stream()
                .filter(variant -> variant.role() == Variant.Role.champion)
                .findFirst();
        champion.ifPresent(present -> refuseAnotherForm(open, added, present));
        int free = champion.map(Variant::weight).orElse(Variant.ALL);
        int weight = moved || plan.weight() > free ? 0 : plan.weight();
        Variant placed = traffic.add(tx, open.endpoint(), added, weight, plan.now() && !moved);
        if (placed.role() == Variant.Role.shadow && plan.rollout() != null && !moved) {
            rollouts.begin(tx, open.endpoint(), open.version(), plan.rollout(), open.by());
        }
        return placed;
    }

    /** Callers of an endpoint send one form: rows of columns, or tensors. */
    private void refuseAnotherForm(Deployment open, Variant added, Variant champion) {
        Optional<Boolean> rows = finder.takesRows(added.manifest());
        Optional<Boolean> championRows = finder.takesRows(champion.manifest());
        if (rows.isPresent() && championRows.isPresent() && !rows.equals(championRows)) {
            throw PerennialException.state("version '" + added.version() + "' takes "
                    + (rows.get() ? "rows of columns" : "tensors") + ", and the champion '" + champion.version()
                    + "' of endpoint '" + open.endpoint() + "' " + (rows.get() ? "tensors" : "rows of columns")
                    + "; callers cannot send both, so give it an endpoint of its own (--endpoint NAME)");
        }
    }

    /** How a run ended, in the words of a deployment. */
    private record Outcome(
            Deployment.State state,
            String message,
            @Nullable Digest manifest,
            @Nullable Digest file,
            @Nullable String environment,
            @Nullable JsonNode admission) {
        Outcome refused(Deployment.State other, String why) {
            return new Outcome(other, why, manifest, file, environment, admission);
        }

        static Outcome failed(Deployment open, Deployment.State state, String why) {
            return new Outcome(state, why, open.manifest(), open.file(), null, null);
        }
    }

    private static Outcome outcome(Deployment open, RunView run) {
        if (run.state() == RunState.CANCELLED) {
            return Outcome.failed(open, Deployment.State.CANCELLED, run.failure());
        }
        if (run.state() != RunState.SUCCEEDED) {
            return Outcome.failed(open, Deployment.State.FAILED, run.failure());
        }
        ObjectNode admission = Preparation.admission(run).orElseGet(Json::object);
        boolean admitted = admission.path("verdict").asText().equals(Preparation.ADMITTED);
        String environment = run.steps().stream()
                .filter(step -> step.path().equals(Deployable.ENVIRONMENT))
                .map(step -> step.values().get("environment"))
                .filter(Objects::nonNull)
                .map(JsonNode::asText)
                .findFirst()
                .orElse(null);
        return new Outcome(
                admitted ? Deployment.State.DEPLOYED : Deployment.State.REFUSED,
                admitted ? "" : admission.path("reason").asText(),
                open.manifest() == null ? made(run, Deployable.MANIFEST) : open.manifest(),
                open.file(),
                environment,
                admission);
    }

    private static Digest made(RunView run, String file) {
        return Objects.requireNonNull(run.step(Deployable.BUNDLE).files().get(file));
    }
}
