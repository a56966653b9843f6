package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PageRequest;
import dev.perennial.lifecycle.file.ModelCalendar;
import dev.perennial.monitoring.DayBook;
import dev.perennial.monitoring.DayResult;
import dev.perennial.retrain.RetrainDecision;
import dev.perennial.retrain.RetrainState;
import dev.perennial.rollout.RolloutStep;
import java.time.LocalDate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Gathers what the retraining policy needs to know of a model, and tells its answers in the words of decisions. */
final class RetrainQuestions {
    private final DayBook days;
    private final Decisions decisions;

    RetrainQuestions(DayBook days, Decisions decisions) {
        this.days = days;
        this.decisions = decisions;
    }

    RetrainState state(AppliedLifecycle applied, LoopState state, long at) {
        Long last = state.lastTraining() == 0 ? null : state.lastTraining();
        LoopState.Attempt attempt = state.attempt();
        return new RetrainState(
                state.started(),
                last,
                attempt == null ? null : attempt.at(),
                rollout(applied, state.rollout()),
                state.rejections(),
                state.paused() ? pause(applied.model()) : null,
                last == null ? 0 : labels(applied, last, at));
    }

    /** What a decision's verdict says; the policy's own word is part of its evidence. */
    static String verdict(RetrainDecision decision) {
        return decision.fired() ? "FIRED" : "SKIPPED";
    }

    static JsonNode evidence(RetrainDecision decision, RetrainState inputs) {
        ObjectNode evidence = Json.object().put("rule", decision.verdict().name());
        if (decision.againAt() != null) {
            evidence.put("againAt", decision.againAt());
        }
        evidence.set("inputs", Json.tree(inputs));
        return evidence;
    }

    private static RetrainState.@Nullable RunningRollout rollout(
            AppliedLifecycle applied, LoopState.@Nullable Rolling rolling) {
        if (rolling == null) {
            return null;
        }
        String step = RolloutStep.of(rolling.plan(applied.file()))
                .get(rolling.state().step())
                .title();
        return new RetrainState.RunningRollout(
                rolling.version(), step, rolling.state().stepEnteredAt());
    }

    private RetrainState.Pause pause(ModelId model) {
        Decision decision = decisions
                .page(model, Optional.of(Decision.Kind.PAUSE), PageRequest.of(1, null))
                .items()
                .getFirst();
        return new RetrainState.Pause(
                decision.evidence().path("by").asText(),
                decision.evidence().path("reason").asText(),
                decision.at());
    }

    /** Labelled rows of the days that closed after the last candidate was asked for. */
    private long labels(AppliedLifecycle applied, long last, long at) {
        ModelCalendar calendar = applied.file().calendar();
        LocalDate first = calendar.day(last).minusDays(1);
        if (calendar.closed(first, last)) {
            first = first.plusDays(1);
        }
        return days.days(applied.model(), first, calendar.day(at).minusDays(1)).stream()
                .mapToLong(DayResult::labelled)
                .sum();
    }
}
