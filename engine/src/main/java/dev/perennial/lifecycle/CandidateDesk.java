package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.gates.Evaluation;
import dev.perennial.gates.GateContext;
import dev.perennial.gates.GateJudge;
import dev.perennial.gates.GateReport;
import dev.perennial.gates.Verdict;
import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.pipelines.PipelineEngine;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.RunState;
import dev.perennial.pipelines.RunView;
import dev.perennial.registry.ModelVersion;
import dev.perennial.registry.Registry;
import dev.perennial.retrain.RetrainDecision;
import dev.perennial.retrain.RetrainPolicy;
import dev.perennial.retrain.RetrainState;
import dev.perennial.retrain.Trigger;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import java.util.Optional;

/** Has candidates made, and judges them when they are made. */
final class CandidateDesk {
    /** Kinds of evidence that a version keeps. */
    static final String EVALUATION = "evaluation";

    static final String GATES = "gates";
    static final String VALIDATION = "validation";
    static final String TRAINING = "training";
    static final String SKEW = "skew";

    /** Until when somebody said that a version from outside was trained. */
    static final String DECLARED = "declared";

    private final Database database;
    private final InstantSource clock;
    private final Lifecycles lifecycles;
    private final Registry registry;
    private final PipelineEngine engine;
    private final Decisions decisions;
    private final LoopStates states;
    private final RolloutDesk rollouts;
    private final Proposals proposals;
    private final CandidateInputs inputs;
    private final TrainingRecord training;
    private final RetrainQuestions questions;

    CandidateDesk(
            Database database,
            InstantSource clock,
            Lifecycles lifecycles,
            Registry registry,
            PipelineEngine engine,
            Decisions decisions,
            LoopStates states,
            RolloutDesk rollouts,
            Proposals proposals,
            CandidateInputs inputs,
            TrainingRecord training,
            RetrainQuestions questions) {
        this.database = database;
        this.clock = clock;
        this.lifecycles = lifecycles;
        this.registry = registry;
        this.engine = engine;
        this.decisions = decisions;
        this.states = states;
        this.rollouts = rollouts;
        this.proposals = proposals;
        this.inputs = inputs;
        this.training = training;
        this.questions = questions;
    }

    boolean requested(ModelId model) {
        return proposals.next(model).isPresent();
    }

    /** Starts the pipeline of a candidate. The key makes a second call find the run of the first. */
    LoopState.Attempt start(
            AppliedLifecycle applied, String key, long at, LoopState.Cause cause, Optional<Proposals.Kept> request) {
        Optional<Proposal> proposal = request.map(Proposals.Kept::proposal);
        LifecycleFile file = proposal.map(Proposal::file).orElse(applied.file());
        CandidatePipeline.Order order = inputs.order(applied, file, at, proposal);
        RunId run = engine.start(
                CandidatePipeline.spec(order),
                key,
                Json.object(),
                applied.model().toString(),
                cause.name().toLowerCase(java.util.Locale.ROOT));
        return new LoopState.Attempt(
                run.text(),
                at,
                cause,
                file.digest().hex(),
                request.map(Proposals.Kept::id).orElse(null));
    }

    /** Takes the oldest proposal when nothing else is under way; false when there is none. */
    boolean takeRequest(AppliedLifecycle applied, LoopStates.Stored stored, long at) {
        Optional<Proposals.Kept> request = proposals.next(applied.model());
        if (request.isEmpty() || stored.state().attempt() != null) {
            return false;
        }
        Proposal proposal = request.get().proposal();
        RetrainState inputs = questions.state(applied, stored.state(), at);
        RetrainDecision decision = new RetrainPolicy(applied.file())
                .decide(inputs, new Trigger.Person(proposal.actor(), proposal.reason()), at);
        Decisions.Draft draft = new Decisions.Draft(
                applied.model(),
                at,
                proposal.actor(),
                Decision.Kind.RETRAIN,
                RetrainQuestions.verdict(decision),
                null,
                decision.fired() ? "Candidate proposed" : "Proposed candidate skipped",
                decision.text(),
                RetrainQuestions.evidence(decision, inputs),
                proposal.injected());
        if (!decision.fired()) {
            database.writing(tx -> {
                proposals.taken(tx, request.get().id());
                states.save(tx, applied.model(), stored, stored.state());
                decisions.record(tx, draft);
            });
            return true;
        }
        LoopState.Attempt attempt = start(
                applied, applied.model() + "/request/" + request.get().id(), at, LoopState.Cause.PROPOSED, request);
        database.writing(tx -> {
            proposals.taken(tx, request.get().id());
            if (proposal.file() != null) {
                lifecycles.keep(tx, proposal.file());
            }
            states.save(tx, applied.model(), stored, stored.state().withAttempt(attempt));
            decisions.record(tx, draft);
        });
        return true;
    }

    /** Judges the candidate whose pipeline has ended; false when none has. */
    boolean conclude(AppliedLifecycle applied, LoopStates.Stored stored) {
        LoopState.Attempt attempt = stored.state().attempt();
        if (attempt == null) {
            return false;
        }
        Optional<RunView> run = engine.find(new RunId(attempt.run()));
        if (run.isEmpty() || !run.get().state().terminal()) {
            return false;
        }
        if (run.get().state() != RunState.SUCCEEDED) {
            failed(applied, stored, attempt, run.get());
        } else {
            judge(applied, stored, attempt, run.get());
        }
        return true;
    }

    private void failed(AppliedLifecycle applied, LoopStates.Stored stored, LoopState.Attempt attempt, RunView run) {
        ObjectNode evidence = Json.object()
                .put("run", run.run().text())
                .put("reason", run.reason())
                .put("detail", run.failure());
        database.writing(tx -> {
            states.save(tx, applied.model(), stored, refused(stored.state().withoutAttempt(), attempt));
            decisions.record(
                    tx,
                    new Decisions.Draft(
                            applied.model(),
                            attempt.at(),
                            Decisions.LOOP,
                            Decision.Kind.GATE,
                            Verdict.ERROR.name(),
                            null,
                            "No candidate was made",
                            "The candidate of " + CandidateInputs.day(applied.file(), attempt.at())
                                    + " could not be made: " + run.failure(),
                            evidence,
                            injected(attempt)));
        });
    }

    private void judge(AppliedLifecycle applied, LoopStates.Stored stored, LoopState.Attempt attempt, RunView run) {
        LifecycleFile file = lifecycles.body(new Digest(attempt.lifecycle()));
        Optional<Proposal> proposal = Optional.ofNullable(attempt.request()).flatMap(proposals::find);
        Evaluation evaluation =
                Json.convert(RunOutputs.value(run, CandidatePipeline.EVALUATE, "evaluation"), Evaluation.class);
        GateContext context = inputs.context(applied, file, run, proposal);
        GateReport report = GateJudge.judge(file, evaluation, context);
        database.writing(tx -> {
            VersionId id = register(tx, applied.model(), attempt, run, evaluation, report, proposal);
            LoopState next = act(tx, applied, stored.state().withoutAttempt(), attempt, id, report, run);
            states.save(tx, applied.model(), stored, next);
            ObjectNode evidence = Json.object()
                    .put("version", id.number())
                    .put("run", run.run().text());
            evidence.set("report", Json.tree(report));
            decisions.record(
                    tx,
                    new Decisions.Draft(
                            applied.model(),
                            attempt.at(),
                            Decisions.LOOP,
                            Decision.Kind.GATE,
                            report.verdict().name(),
                            id.number(),
                            "Version " + id.number() + ": " + verdictTitle(report.verdict()),
                            report.text(),
                            evidence,
                            injected(attempt)));
        });
        CrashPoint.hit("lifecycle.gate.afterCommit");
    }

    private VersionId register(
            Transaction tx,
            ModelId model,
            LoopState.Attempt attempt,
            RunView run,
            Evaluation evaluation,
            GateReport report,
            Optional<Proposal> proposal) {
        VersionId id = new VersionId(model, registry.nextNumber(tx, model));
        boolean outside = proposal.filter(p -> p.manifest() != null).isPresent();
        CandidatePipeline.ModelFiles files = inputs.files(run, proposal);
        String snapshot =
                RunOutputs.value(run, CandidatePipeline.SNAPSHOT, "manifest").asText();
        String tracked = outside
                ? ""
                : training.keep(
                        tx,
                        model,
                        id,
                        lifecycles.body(new Digest(attempt.lifecycle())),
                        run,
                        CandidateInputs.metrics(evaluation),
                        ModelVersion.State.CANDIDATE);
        registry.add(
                tx,
                new ModelVersion(
                        id,
                        clock.millis(),
                        attempt.at(),
                        outside ? ModelVersion.Source.IMPORTED : ModelVersion.Source.TRAINED,
                        files.manifest(),
                        files.file(),
                        new Digest(attempt.lifecycle()),
                        outside ? null : new Digest(snapshot),
                        outside ? null : tracked,
                        evaluation.candidateTrainedUntil(),
                        ModelVersion.State.CANDIDATE,
                        CandidateInputs.metrics(evaluation)));
        keep(tx, attempt, id, run, evaluation, report);
        proposal.map(Proposal::declaredUntil)
                .filter(until -> outside)
                .ifPresent(until -> registry.evidence(
                        tx, id, DECLARED, attempt.at(), Json.object().put("until", until)));
        return id;
    }

    /** Everything by which the version was judged. */
    private void keep(
            Transaction tx,
            LoopState.Attempt attempt,
            VersionId id,
            RunView run,
            Evaluation evaluation,
            GateReport report) {
        long at = attempt.at();
        LifecycleFile file = lifecycles.body(new Digest(attempt.lifecycle()));
        registry.evidence(tx, id, EVALUATION, at, Json.tree(evaluation));
        registry.evidence(tx, id, GATES, at, Json.tree(report));
        registry.evidence(tx, id, VALIDATION, at, RunOutputs.value(run, CandidatePipeline.VALIDATE, "report"));
        inputs.keepParts(tx, id.model(), file, run);
        run.steps().stream()
                .filter(step -> step.path().equals(CandidatePipeline.TRAIN))
                .forEach(step -> registry.evidence(tx, id, TRAINING, at, Json.tree(step.values())));
        run.steps().stream()
                .filter(step -> step.path().equals(CandidatePipeline.ADMIT))
                .forEach(step -> registry.evidence(tx, id, Admitted.EVIDENCE, at, Json.tree(step.values())));
        inputs.skew(run).ifPresent(skew -> {
            registry.evidence(tx, id, SKEW, at, skew);
            inputs.keepCompared(tx, id.model(), file, at, run, skew);
        });
    }

    private LoopState act(
            Transaction tx,
            AppliedLifecycle applied,
            LoopState state,
            LoopState.Attempt attempt,
            VersionId id,
            GateReport report,
            RunView run) {
        Optional<Integer> champion = registry.alias(tx.sql(), applied.model(), Registry.CHAMPION);
        return switch (report.verdict()) {
            case PASS -> {
                if (champion.isEmpty()) {
                    rollouts.install(tx, applied.model(), id.number(), attempt.at());
                    inputs.anchor(tx, applied, attempt.at(), run);
                    yield state.withRejections(0);
                }
                yield state.withRejections(0)
                        .withRollout(rollouts.begin(
                                tx, applied.model(), applied.file(), id.number(), champion.get(), attempt.at()))
                        .withRolloutTick(attempt.at());
            }
            case REVIEW -> {
                registry.state(tx, id, ModelVersion.State.IN_REVIEW);
                yield state.withReview(id.number());
            }
            case FAIL, INSUFFICIENT_DATA, ERROR -> {
                registry.state(tx, id, ModelVersion.State.REFUSED);
                yield refused(state, attempt);
            }
        };
    }

    private static LoopState refused(LoopState state, LoopState.Attempt attempt) {
        return attempt.cause() == LoopState.Cause.ALERT ? state.withRejections(state.rejections() + 1) : state;
    }

    private boolean injected(LoopState.Attempt attempt) {
        return Optional.ofNullable(attempt.request())
                .flatMap(proposals::find)
                .filter(Proposal::injected)
                .isPresent();
    }

    private static String verdictTitle(Verdict verdict) {
        return switch (verdict) {
            case PASS -> "passed its gates";
            case REVIEW -> "needs a person's signature";
            case FAIL -> "refused";
            case INSUFFICIENT_DATA -> "not judged: data are missing";
            case ERROR -> "could not be judged";
        };
    }
}
