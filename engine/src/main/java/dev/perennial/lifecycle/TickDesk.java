package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.Retrain;
import dev.perennial.monitoring.DayBook;
import dev.perennial.monitoring.Monitoring;
import dev.perennial.registry.Registry;
import dev.perennial.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.util.Optional;

/** What is done at each publication hour, in order: close days, look at monitors, judge the rollout, decide about a candidate. */
final class TickDesk {
    private final Database database;
    private final DayBook days;
    private final Monitoring monitoring;
    private final RolloutJudging judging;
    private final CandidateDesk candidates;
    private final Registry registry;
    private final Decisions decisions;
    private final LoopStates states;

    TickDesk(
            Database database,
            DayBook days,
            Monitoring monitoring,
            RolloutJudging judging,
            CandidateDesk candidates,
            Registry registry,
            Decisions decisions,
            LoopStates states) {
        this.database = database;
        this.days = days;
        this.monitoring = monitoring;
        this.judging = judging;
        this.candidates = candidates;
        this.registry = registry;
        this.decisions = decisions;
        this.states = states;
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
        Monitoring.Look look = monitoring.look(model, file, first, today, at, firstEvaluation(model, file));
        if (stored.state().rollout() != null && stored.state().rolloutTick() < at) {
            judging.judge(applied, stored, at, null, tx -> {});
            stored = states.get(model);
        }
        decide(applied, stored, at, look);
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
        Optional<LoopState.Cause> cause = cause(applied, state, at, look);
        if (cause.isEmpty()) {
            database.writing(tx -> states.save(tx, applied.model(), stored, state.withTick(at)));
            return;
        }
        Optional<String> obstacle = obstacle(applied.file(), state, cause.get(), at);
        String day = CandidateInputs.day(applied.file(), at);
        if (obstacle.isPresent()) {
            database.writing(tx -> {
                states.save(tx, applied.model(), stored, state.withTick(at));
                decisions.record(
                        tx,
                        draft(
                                applied.model(),
                                at,
                                "SKIPPED",
                                "No candidate on " + day,
                                "No candidate is tried on " + day + ": " + obstacle.get() + "."));
            });
            return;
        }
        CrashPoint.hit("lifecycle.tick.beforeDecision");
        LoopState.Attempt attempt =
                candidates.start(applied, applied.model() + "/tick/" + at, at, cause.get(), Optional.empty());
        CrashPoint.hit("lifecycle.tick.afterStart");
        database.writing(tx -> {
            states.save(tx, applied.model(), stored, state.withTick(at).withAttempt(attempt));
            decisions.record(
                    tx, draft(applied.model(), at, "FIRED", "A candidate is tried", text(cause.get(), day, look)));
        });
    }

    private Optional<LoopState.Cause> cause(AppliedLifecycle applied, LoopState state, long at, Monitoring.Look look) {
        if (registry.alias(applied.model(), Registry.CHAMPION).isEmpty()) {
            return state.attempt() == null ? Optional.of(LoopState.Cause.FIRST) : Optional.empty();
        }
        Retrain rules = applied.file().retrain();
        ZonedDateTime local = Instant.ofEpochMilli(at).atZone(applied.file().zone());
        if (rules.weekday() == null || local.getDayOfWeek() == rules.weekday()) {
            return Optional.of(LoopState.Cause.SCHEDULE);
        }
        return look.raised().stream().anyMatch(rules.alsoOn()::contains)
                ? Optional.of(LoopState.Cause.ALERT)
                : Optional.empty();
    }

    private static Optional<String> obstacle(LifecycleFile file, LoopState state, LoopState.Cause cause, long at) {
        Retrain rules = file.retrain();
        if (state.paused()) {
            return Optional.of("a person paused the loop");
        }
        if (state.rollout() != null) {
            return Optional.of("the rollout of version " + state.rollout().version()
                    + " is running, and one candidate at a time is tried");
        }
        long served = at - state.started();
        if (cause != LoopState.Cause.FIRST
                && served < Duration.ofDays(file.gates().holdoutDays()).toMillis()) {
            return Optional.of(
                    "the model has served for " + Duration.ofMillis(served).toDays() + " days, and a gate looks at "
                            + file.gates().holdoutDays());
        }
        if (state.attempt() != null) {
            return Optional.of(
                    "the candidate of " + Instant.ofEpochMilli(state.attempt().at()) + " is still being made");
        }
        if (cause == LoopState.Cause.ALERT && at - state.lastTraining() < rules.coolDownMillis()) {
            return Optional.of("the last candidate is younger than the cool-down of "
                    + Duration.ofMillis(rules.coolDownMillis()).toDays() + " days");
        }
        if (cause == LoopState.Cause.ALERT && state.rejections() >= rules.breakerRejections()) {
            return Optional.of(state.rejections()
                    + " candidates that alerts asked for were refused in a row; resume the loop to try again");
        }
        return Optional.empty();
    }

    private static String text(LoopState.Cause cause, String day, Monitoring.Look look) {
        return switch (cause) {
            case FIRST -> "There is no champion yet: a first version is made from what was known on " + day + ".";
            case SCHEDULE -> "The schedule asks for a candidate on " + day + ".";
            case ALERT -> "The alert on " + String.join(", ", look.raised()) + " asks for a candidate on " + day + ".";
            case PROPOSED -> "A person proposed a candidate on " + day + ".";
        };
    }

    private static Decisions.Draft draft(ModelId model, long at, String verdict, String title, String text) {
        return new Decisions.Draft(
                model, at, Decisions.LOOP, Decision.Kind.RETRAIN, verdict, null, title, text, Json.object(), false);
    }
}
