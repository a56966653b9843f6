package dev.perennial.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.util.Optional;

/**
 * A decision with everything that it was made from: judging it again gives the same decision, today and for an auditor who has the stored
 * evidence only.
 *
 * @param plan steps and tolerances that were in force
 * @param limits fixed numbers of that release
 * @param state before the decision
 * @param clock the model's clock at the decision
 * @param decision what was decided
 */
public record RolloutReplay(
        RolloutPlan plan,
        RolloutLimits limits,
        RolloutState state,
        RolloutEvidence evidence,
        long clock,
        RolloutDecision decision) {

    /**
     * What judging again gave.
     *
     * @param same whether action, reason and the state after it are those of the stored decision
     */
    public record Verdict(boolean same, RolloutDecision stored, RolloutDecision again) {}

    /** Judges and keeps what it was judged from. */
    public static RolloutReplay judge(
            RolloutPlan plan, RolloutLimits limits, RolloutState state, RolloutEvidence evidence, long clock) {
        return new RolloutReplay(
                plan, limits, state, evidence, clock, new RolloutJudge(limits).judge(plan, state, evidence, clock));
    }

    /** The stored evidence of a decision; empty for one of a release that did not keep what it was judged by. */
    public static Optional<RolloutReplay> of(JsonNode stored) {
        boolean whole = stored.hasNonNull("plan")
                && stored.hasNonNull("limits")
                && stored.hasNonNull("state")
                && stored.hasNonNull("clock");
        return whole ? Optional.of(Json.convert(stored, RolloutReplay.class)) : Optional.empty();
    }

    /** As it is stored with the decision. */
    public ObjectNode body() {
        return (ObjectNode) Json.tree(this);
    }

    /** Judges again; changes nothing. */
    public Verdict again() {
        RolloutDecision again = new RolloutJudge(limits).judge(plan, state, evidence, clock);
        boolean same = again.action() == decision.action()
                && again.reason() == decision.reason()
                && again.next().equals(decision.next());
        return new Verdict(same, decision, again);
    }
}
