package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.monitoring.DayBook;
import dev.perennial.monitoring.Monitoring;
import dev.perennial.registry.Registry;
import dev.perennial.retrain.RetrainDecision;
import dev.perennial.retrain.RetrainPolicy;
import dev.perennial.retrain.RetrainState;
import dev.perennial.retrain.Trigger;
import dev.perennial.store.Database;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;

/** What is done at each publication hour, in order: close days, look at monitors, judge the rollout, decide about a candidate, compare served rows. */
final class TickDesk {
    private final Database database;
    private final DayBook days;
    private final Monitoring monitoring;
    private final RolloutJudging judging;
    private final CandidateDesk candidates;
    private final Registry registry;
    private final Decisions decisions;
    private final LoopStates states;
    private final RetrainQuestions questions;
    private final SkewDesk skew;

    TickDesk(
            Database database,
            DayBook days,
            Monitoring monitoring,
            RolloutJudging judging,
            CandidateDesk candidates,
            Registry registry,
            Decisions decisions,
            LoopStates states,
            RetrainQuestions questions,
            SkewDesk skew) {
        this.database = database;
        this.days = days;
        this.monitoring = monitoring;
        this.judging = judging;
        this.candidates = candidates;
        this.registry = registry;
        this.decisions = decisions;
        this.states = states;
        this.questions = questions;
        this.skew = skew;
    }

    void tick(AppliedLifecycle applied, long at) {
        ModelId model = applied.model();
        LifecycleFile file = applied.file();
        LoopStates.Stored stored = states.get(model);
        LocalDate today = Instant.ofEpochMilli(at).atZone(file.zone()).toLocalDate();
        LocalDate first = Instant.ofEpochMilli(stored.state().started())
                .atZone(file.zone())
                .toLocalDate();
        if (!today.minusDays(1).isBefore(first)) {
            days.close(model, file.zone(), first, today.minusDays(1));
        }
        Monitoring.Look look =
                monitoring.look(model, file, first, today, at, firstEvaluation(model, file), skew.findings(model));
        if (stored.state().rollout() != null && stored.state().rolloutTick() < at) {
            judging.judge(applied, stored, at, null, tx -> {});
            stored = states.get(model);
        }
        decide(applied, stored, at, look);
        skew.look(applied, first, today.minusDays(1), at);
    }

    /** The champion's figure of the monitored metric at its gate. */
    private Optional<Double> firstEvaluation(ModelId model, LifecycleFile file) {
        return registry.alias(model, Registry.CHAMPION)
                .map(number -> registry.version(new VersionId(model, number))
                        .metrics()
                        .path(file.monitor().performance().metric()))
                .filter(JsonNode::isNumber)
                .map(JsonNode::asDouble);
    }

    /** Decides about a candidate and ends the tick, in one transaction. */
    private void decide(AppliedLifecycle applied, LoopStates.Stored stored, long at, Monitoring.Look look) {
        LoopState state = stored.state();
        RetrainPolicy policy = new RetrainPolicy(applied.file());
        boolean serves = registry.alias(applied.model(), Registry.CHAMPION).isPresent();
        Optional<Trigger> trigger = policy.trigger(serves, state.attempt() != null, state.tick(), at, look.raised());
        if (trigger.isEmpty()) {
            database.writing(tx -> states.save(tx, applied.model(), stored, state.withTick(at)));
            return;
        }
        RetrainState inputs = questions.state(applied, state, at);
        RetrainDecision decision = policy.decide(inputs, trigger.get(), at);
        if (!decision.fired()) {
            String title = "No candidate on " + CandidateInputs.day(applied.file(), at);
            database.writing(tx -> {
                states.save(tx, applied.model(), stored, state.withTick(at));
                decisions.record(tx, draft(applied.model(), at, title, decision, inputs));
            });
            return;
        }
        CrashPoint.hit("lifecycle.tick.beforeDecision");
        LoopState.Attempt attempt =
                candidates.start(applied, applied.model() + "/tick/" + at, at, cause(trigger.get()), Optional.empty());
        CrashPoint.hit("lifecycle.tick.afterStart");
        database.writing(tx -> {
            states.save(tx, applied.model(), stored, state.withTick(at).withAttempt(attempt));
            decisions.record(tx, draft(applied.model(), at, "A candidate is tried", decision, inputs));
        });
    }

    private static LoopState.Cause cause(Trigger trigger) {
        return switch (trigger) {
            case Trigger.First _ -> LoopState.Cause.FIRST;
            case Trigger.Schedule _ -> LoopState.Cause.SCHEDULE;
            case Trigger.Alert _ -> LoopState.Cause.ALERT;
            case Trigger.Person _ -> LoopState.Cause.PROPOSED;
        };
    }

    private static Decisions.Draft draft(
            ModelId model, long at, String title, RetrainDecision decision, RetrainState inputs) {
        return new Decisions.Draft(
                model,
                at,
                Decisions.LOOP,
                Decision.Kind.RETRAIN,
                RetrainQuestions.verdict(decision),
                null,
                title,
                decision.text(),
                RetrainQuestions.evidence(decision, inputs),
                false);
    }
}
