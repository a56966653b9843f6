package dev.perennial.retrain;

import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.Retrain;
import dev.perennial.retrain.RetrainDecision.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether something asks for a candidate, and whether it gets one: pure functions of the lifecycle file and the model's state.
 * Cool-down, breaker and the want of new outcomes bind alerts alone: a schedule may fail for months, because most weeks nothing better
 * exists, and what the sources hold by then its gate tells best; but alerts that ask again and again for what training cannot cure need a
 * person. A pause binds everybody.
 */
public final class RetrainPolicy {
    private final Retrain rules;
    private final int holdoutDays;
    private final ZoneId zone;

    public RetrainPolicy(LifecycleFile file) {
        this.rules = file.retrain();
        this.holdoutDays = file.gates().holdoutDays();
        this.zone = file.zone();
    }

    /**
     * What asks for a candidate at a publication hour; empty when nothing does.
     *
     * @param serves whether a champion answers
     * @param making whether a candidate is being made; nobody asks for a second first version
     * @param before the publication hour before this one
     * @param raised monitors whose alert was raised just now
     */
    public Optional<Trigger> trigger(boolean serves, boolean making, long before, long at, Collection<String> raised) {
        if (!serves) {
            return making ? Optional.empty() : Optional.of(new Trigger.First());
        }
        List<Long> due = new RetrainSchedule(rules, zone).between(before, at);
        if (!due.isEmpty()) {
            return Optional.of(new Trigger.Schedule(due.getLast()));
        }
        return raised.isEmpty()
                ? Optional.empty()
                : Optional.of(new Trigger.Alert(raised.stream().sorted().toList()));
    }

    /** Answers a trigger at a moment of the model's clock. */
    public RetrainDecision decide(RetrainState state, Trigger trigger, long clock) {
        return obstacle(state, trigger, clock)
                .map(obstacle -> new RetrainDecision(
                        obstacle.verdict(), obstacle.againAt(), refusal(trigger, clock) + obstacle.why() + "."))
                .orElseGet(() -> new RetrainDecision(Verdict.FIRED, null, consent(trigger, clock)));
    }

    private record Obstacle(Verdict verdict, @Nullable Long againAt, String why) {}

    private Optional<Obstacle> obstacle(RetrainState state, Trigger trigger, long clock) {
        if (trigger instanceof Trigger.Alert alert && listed(alert).isEmpty()) {
            return no(
                    Verdict.DISABLED,
                    "the alert on " + String.join(", ", alert.monitors())
                            + " asks people only, because retrain.also-on does not list it");
        }
        return underWay(state)
                .or(() -> trigger instanceof Trigger.First ? Optional.empty() : tooYoung(state, trigger, clock))
                .or(() -> trigger instanceof Trigger.Alert ? bound(state, clock) : Optional.empty());
    }

    private Optional<Obstacle> underWay(RetrainState state) {
        RetrainState.Pause pause = state.paused();
        if (pause != null) {
            return no(
                    Verdict.PAUSED,
                    pause.by() + " paused the loop on " + day(pause.at()) + " (" + pause.reason() + ")");
        }
        RetrainState.RunningRollout rollout = state.rollout();
        if (rollout != null) {
            return no(
                    Verdict.SKIPPED_ROLLOUT_RUNNING,
                    "version " + rollout.version() + " is in " + rollout.step() + " since " + day(rollout.since())
                            + ", and one candidate at a time is tried");
        }
        Long training = state.trainingSince();
        return training == null
                ? Optional.empty()
                : no(Verdict.SKIPPED_TRAINING_RUNNING, "the candidate of " + day(training) + " is still being made");
    }

    /** A person may try earlier: the gate itself says then what is missing. */
    private Optional<Obstacle> tooYoung(RetrainState state, Trigger trigger, long clock) {
        long old = state.servedSince() + Duration.ofDays(holdoutDays).toMillis();
        if (trigger instanceof Trigger.Person || clock >= old) {
            return Optional.empty();
        }
        long served = Duration.ofMillis(clock - state.servedSince()).toDays();
        return Optional.of(new Obstacle(
                Verdict.TOO_YOUNG,
                old,
                "the model has served for " + days(served) + ", and a gate looks at " + holdoutDays));
    }

    private Optional<Obstacle> bound(RetrainState state, long clock) {
        Long last = state.lastAskedAt();
        if (last != null && clock < last + rules.coolDownMillis()) {
            long until = last + rules.coolDownMillis();
            return Optional.of(new Obstacle(
                    Verdict.COOLDOWN,
                    until,
                    "the last candidate is of " + day(last) + ", and alerts wait for the cool-down of "
                            + duration(rules.coolDownMillis()) + ", until " + day(until)));
        }
        if (rules.breakerRejections() > 0 && state.rejectionsInARow() >= rules.breakerRejections()) {
            return no(
                    Verdict.BREAKER_OPEN,
                    String.format(
                            Locale.ROOT,
                            "%d candidates that alerts asked for were refused in a row; look at the cause, then resume the loop",
                            state.rejectionsInARow()));
        }
        return last == null || state.newLabels() > 0
                ? Optional.empty()
                : no(Verdict.NO_NEW_DATA, "no outcome became known since the candidate of " + day(last));
    }

    private List<String> listed(Trigger.Alert alert) {
        return alert.monitors().stream().filter(rules.alsoOn()::contains).toList();
    }

    private String consent(Trigger trigger, long clock) {
        return switch (trigger) {
            case Trigger.First _ ->
                "There is no champion yet: a first version is made from what was known on " + day(clock) + ".";
            case Trigger.Schedule _ -> "The schedule asks for a candidate on " + day(clock) + ".";
            case Trigger.Alert alert ->
                "The alert on " + String.join(", ", listed(alert)) + " asks for a candidate on " + day(clock) + ".";
            case Trigger.Person person -> person.by() + " proposed a candidate: " + person.reason();
        };
    }

    private String refusal(Trigger trigger, long clock) {
        return trigger instanceof Trigger.Person person
                ? "The candidate proposed by " + person.by() + " is not tried: "
                : "No candidate is tried on " + day(clock) + ": ";
    }

    private static Optional<Obstacle> no(Verdict verdict, String why) {
        return Optional.of(new Obstacle(verdict, null, why));
    }

    private String day(long at) {
        return Instant.ofEpochMilli(at).atZone(zone).toLocalDate().toString();
    }

    private static String duration(long millis) {
        Duration duration = Duration.ofMillis(millis);
        return duration.toHours() > 0 && duration.toHours() % 24 == 0
                ? days(duration.toDays())
                : duration.toMinutes() % 60 == 0 ? duration.toHours() + " hours" : duration.toMinutes() + " minutes";
    }

    private static String days(long count) {
        return count == 1 ? "1 day" : count + " days";
    }
}
