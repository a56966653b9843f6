package dev.perennial.monitoring.alerts;

import dev.perennial.statistics.Hysteresis;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where one rule stands.
 *
 * @param transitions windows (by number) in which the rule began or stopped firing, of the last {@link #FLAP_WINDOWS}
 * @param alert the alert that holds its finding; null while it is not firing
 */
public record RuleState(
        Hysteresis machine,
        List<Long> transitions,
        @Nullable String alert) {
    /** Windows over which transitions are counted. */
    public static final int FLAP_WINDOWS = 24;

    /** More transitions than this are flapping. */
    public static final int FLAP_TRANSITIONS = 4;

    static final RuleState START = new RuleState(Hysteresis.START, List.of(), null);

    public RuleState {
        transitions = List.copyOf(transitions);
    }

    public boolean firing() {
        return machine.state() == Hysteresis.State.FIRING;
    }

    public boolean flapping() {
        return transitions.size() > FLAP_TRANSITIONS;
    }

    RuleState next(Signal signal, long window) {
        Hysteresis next = machine.next(signal.value(), signal.kind().rule());
        List<Long> recent = new ArrayList<>();
        transitions.stream().filter(at -> at > window - FLAP_WINDOWS).forEach(recent::add);
        boolean turned = firing() != (next.state() == Hysteresis.State.FIRING);
        if (turned) {
            recent.add(window);
        }
        return new RuleState(next, recent, next.state() == Hysteresis.State.FIRING ? alert : null);
    }

    RuleState heldBy(String id) {
        return new RuleState(machine, transitions, id);
    }
}
