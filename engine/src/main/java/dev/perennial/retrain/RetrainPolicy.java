package dev.perennial.retrain;

import dev.perennial.lifecycle.file.Retrain;
import dev.perennial.retrain.RetrainDecision.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a trigger leads to a training: a pure function. Cool-down and breaker bind alerts alone: a schedule may fail for months,
 * because most weeks nothing better exists, but alerts that ask again and again for what training cannot cure need a person.
 */
public final class RetrainPolicy {
    private RetrainPolicy() {}

    public static RetrainDecision decide(Retrain rules, RetrainState state, Trigger trigger, long clock) {
        if (trigger instanceof Trigger.Alert alert && !rules.alsoOn().contains(alert.monitor())) {
            return no(
                    Verdict.DISABLED,
                    null,
                    "the lifecycle file does not list " + alert.monitor()
                            + " under also-on, so its alerts ask people only");
        }
        RetrainState.Pause pause = state.paused();
        if (pause != null && !(trigger instanceof Trigger.Person)) {
            return no(
                    Verdict.PAUSED,
                    null,
                    pause.by() + " paused the loop at " + time(pause.at()) + " (" + pause.reason() + ")");
        }
        RetrainState.RunningRollout rollout = state.rollout();
        if (rollout != null) {
            return no(
                    Verdict.SKIPPED_ROLLOUT_RUNNING,
                    null,
                    rollout.candidate() + " is in " + rollout.step() + " since " + time(rollout.startedAt())
                            + ", and one candidate is tried at a time");
        }
        Long training = state.trainingSince();
        if (training != null) {
            return no(Verdict.SKIPPED_TRAINING_RUNNING, null, "a training is running since " + time(training));
        }
        if (trigger instanceof Trigger.Alert) {
            RetrainDecision bound = bound(rules, state, clock);
            if (bound != null) {
                return bound;
            }
        }
        if (state.newLabels() <= 0 && state.lastTrainingEndedAt() != null && !(trigger instanceof Trigger.Person)) {
            return no(Verdict.NO_NEW_DATA, null, "no label became known since the last training");
        }
        return new RetrainDecision(
                Verdict.FIRED,
                null,
                String.format(Locale.ROOT, "A candidate is trained: %s asks for one%s.", trigger.title(), news(state)));
    }

    private static @Nullable RetrainDecision bound(Retrain rules, RetrainState state, long clock) {
        if (rules.breakerRejections() > 0 && state.rejectionsInARow() >= rules.breakerRejections()) {
            return no(
                    Verdict.BREAKER_OPEN,
                    null,
                    String.format(
                            Locale.ROOT,
                            "the last %d candidates that alerts asked for were refused; a person must look at the cause and resume",
                            state.rejectionsInARow()));
        }
        Long last = state.lastTrainingEndedAt();
        if (last != null && clock < last + rules.coolDownMillis()) {
            long until = last + rules.coolDownMillis();
            return no(
                    Verdict.COOLDOWN,
                    until,
                    "the last training ended " + time(last) + " and alerts wait " + duration(rules.coolDownMillis())
                            + " between candidates, until " + time(until));
        }
        return null;
    }

    private static String news(RetrainState state) {
        if (state.lastTrainingEndedAt() == null) {
            return ", the first of this model";
        }
        return String.format(Locale.ROOT, ", and %,d labels became known since the last training", state.newLabels());
    }

    private static RetrainDecision no(Verdict verdict, @Nullable Long againAt, String why) {
        return new RetrainDecision(verdict, againAt, "No candidate is trained: " + why + ".");
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }

    private static String duration(long millis) {
        Duration duration = Duration.ofMillis(millis);
        long hours = duration.toHours();
        return hours > 0 && hours % 24 == 0 ? hours / 24 + " days" : hours + " hours";
    }
}
