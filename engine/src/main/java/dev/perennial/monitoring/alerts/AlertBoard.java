package dev.perennial.monitoring.alerts;

import dev.perennial.kernel.Digest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The alerts of one model and the states of its rules. One step for each closed window; the same signals give the same board, so a window
 * seen again after a crash changes nothing that was stored ({@code window} is what was seen last). Immutable; the store keeps it as JSON.
 *
 * <p>A data fault opens an alert named after its feed. Drift and harm join the alert of a data fault that is open, or whose days still lie
 * in the window they were computed on; only without one they open their own, and drift joins the alert of the harm that comes with it. An
 * alert resolves when the rules that opened it are quiet; what joined it does not keep it open.
 *
 * @param window number of the last window seen (epoch day), -1 for none
 * @param rules by rule identity, firing or recently so
 * @param alerts open ones, and resolved ones of the last {@link #RESOLVED_KEPT}
 */
public record AlertBoard(String model, long window, Map<String, RuleState> rules, List<Alert> alerts) {
    /** Resolved alerts that are kept to explain later consequences. */
    public static final int RESOLVED_KEPT = 20;

    public AlertBoard {
        rules = Map.copyOf(rules);
        alerts = List.copyOf(alerts);
    }

    /** What a step gives. */
    public record Step(AlertBoard board, List<AlertChange> changes) {
        public Step {
            changes = List.copyOf(changes);
        }
    }

    public static AlertBoard empty(String model) {
        return new AlertBoard(model, -1, Map.of(), List.of());
    }

    /**
     * Takes the signals of one closed window. Rules without a signal see a window without a value and stay as they are.
     *
     * @param number of the window, greater than the last one; otherwise nothing happens
     * @param at model clock
     */
    public Step step(long number, long at, List<Signal> signals) {
        if (number <= window) {
            return new Step(this, List.of());
        }
        Draft draft = new Draft(this, number, at);
        signals.stream()
                .sorted(Comparator.comparing((Signal signal) -> signal.kind().rank())
                        .reversed()
                        .thenComparing(Signal::kind)
                        .thenComparing(Signal::rule))
                .forEach(draft::take);
        draft.resolveQuiet();
        return draft.finish();
    }

    /** Kinds of the rules that began to fire in that window. Asked again after a crash, the answer is the same. */
    public Set<SignalKind> began(long number) {
        Set<SignalKind> began = EnumSet.noneOf(SignalKind.class);
        rules.forEach((rule, state) -> {
            List<Long> turned = state.transitions();
            if (state.firing() && !turned.isEmpty() && turned.getLast() == number) {
                began.add(kind(rule));
            }
        });
        return began;
    }

    private static SignalKind kind(String rule) {
        return SignalKind.valueOf(rule.substring(0, rule.indexOf('|')));
    }

    public @Nullable Alert alert(String id) {
        return alerts.stream()
                .filter(alert -> alert.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    public List<Alert> open() {
        return alerts.stream().filter(Alert::open).toList();
    }

    /** The board with one alert replaced: after acknowledging or silencing it. */
    public AlertBoard with(Alert changed) {
        return new AlertBoard(
                model,
                window,
                rules,
                alerts.stream()
                        .map(alert -> alert.id().equals(changed.id()) ? changed : alert)
                        .toList());
    }

    /** One step in the making. */
    private static final class Draft {
        private final AlertBoard before;
        private final long window;
        private final long at;
        private final Map<String, RuleState> rules;
        private final Map<String, Alert> alerts = new LinkedHashMap<>();
        private final List<AlertChange> changes = new ArrayList<>();

        Draft(AlertBoard before, long window, long at) {
            this.before = before;
            this.window = window;
            this.at = at;
            rules = new TreeMap<>(before.rules);
            before.alerts.forEach(alert -> alerts.put(alert.id(), alert));
        }

        void take(Signal signal) {
            RuleState last = rules.getOrDefault(signal.rule(), RuleState.START);
            RuleState next = last.next(signal, window);
            if (next.firing()) {
                String holder = last.alert();
                Alert alert = holder == null ? null : alerts.get(holder);
                next = next.heldBy(alert == null ? find(signal, next) : again(signal, alert));
            }
            if (next.flapping() && !last.flapping()) {
                flapping(signal, next);
            }
            rules.put(signal.rule(), next);
        }

        /** A rule that goes on firing: its finding is seen once more. A consequence stays where it is, also when the alert is resolved. */
        private String again(Signal signal, Alert alert) {
            if (alert.open() && signal.isBad()) {
                alerts.put(alert.id(), alert.add(signal, at));
            }
            return alert.id();
        }

        private String find(Signal signal, RuleState state) {
            Alert home = signal.kind().isCause() ? openOf(signal.cause()) : explaining(signal);
            home = home == null ? openOf(signal.cause()) : home;
            home = home == null && signal.kind() == SignalKind.DRIFT ? openHarm() : home;
            if (home == null) {
                Alert opened = opened(signal);
                alerts.put(opened.id(), opened);
                changes.add(new AlertChange(AlertChange.Kind.OPENED, opened, opened.text(), !state.flapping()));
                return opened.id();
            }
            Alert grown = home.add(signal, at);
            alerts.put(grown.id(), grown);
            boolean tell = grown.open()
                    && !grown.silenced(at)
                    && !state.flapping()
                    && grown.findings().size() > home.findings().size();
            changes.add(new AlertChange(AlertChange.Kind.FINDING_ADDED, grown, signal.text(), tell));
            return grown.id();
        }

        private @Nullable Alert openOf(String cause) {
            return alerts.values().stream()
                    .filter(alert -> alert.open() && alert.cause().equals(cause))
                    .findFirst()
                    .orElse(null);
        }

        private @Nullable Alert openHarm() {
            return alerts.values().stream()
                    .filter(alert -> alert.open() && rank(alert) == SignalKind.PERFORMANCE.rank())
                    .findFirst()
                    .orElse(null);
        }

        /** The data fault that a consequence most likely comes from: an open one, else the last one resolved within its window. */
        private @Nullable Alert explaining(Signal signal) {
            Alert best = null;
            for (Alert alert : alerts.values()) {
                Long resolved = alert.resolvedAt();
                boolean fault = alert.findings().stream()
                        .anyMatch(finding -> finding.kind().isCause());
                boolean near = alert.open() || (resolved != null && resolved >= signal.windowFrom());
                if (fault && near && (best == null || (alert.open() && !best.open()))) {
                    best = alert;
                }
            }
            return best;
        }

        private Alert opened(Signal signal) {
            String id = Digest.of(before.model + "|" + signal.cause() + "|" + at)
                    .hex()
                    .substring(0, 16);
            Alert blank = new Alert(
                    id,
                    before.model,
                    signal.cause(),
                    signal.severity(),
                    Alert.State.OPEN,
                    at,
                    null,
                    title(signal),
                    signal.text(),
                    List.of(),
                    null,
                    null,
                    false);
            return blank.add(signal, at);
        }

        private String title(Signal signal) {
            return switch (signal.kind()) {
                case FRESHNESS -> "The " + signal.cause() + " feed is late";
                case VOLUME -> "Rows are missing: " + signal.cause();
                case COLUMN_MISSING, MISSING_SHARE -> "Values are missing: " + signal.cause();
                case OUT_OF_RANGE, UNKNOWN_CATEGORY -> "Values break the contract: " + signal.cause();
                case SKEW -> "Served features differ from their recomputation: " + signal.cause();
                case DRIFT -> "Inputs drifted";
                case PERFORMANCE -> "Answers became worse";
            };
        }

        private void flapping(Signal signal, RuleState state) {
            Alert alert = state.alert() == null ? openOf(signal.cause()) : alerts.get(state.alert());
            if (alert != null) {
                changes.add(new AlertChange(
                        AlertChange.Kind.FLAPPING,
                        alert,
                        signal.text() + " (on and off " + state.transitions().size() + " times in "
                                + RuleState.FLAP_WINDOWS + " windows)",
                        !alert.silenced(at)));
            }
        }

        void resolveQuiet() {
            for (Alert alert : List.copyOf(alerts.values())) {
                if (alert.open() && !heldOpen(alert)) {
                    Alert resolved = alert.resolve(at);
                    alerts.put(resolved.id(), resolved);
                    changes.add(new AlertChange(
                            AlertChange.Kind.RESOLVED,
                            resolved,
                            resolved.title() + ": over",
                            !resolved.silenced(at) && !anyFlapping(alert)));
                }
            }
        }

        /** Faults hold their alert open, and without one harm does; what follows from them does not. */
        private boolean heldOpen(Alert alert) {
            int rank = rank(alert);
            return rules.entrySet().stream()
                    .anyMatch(rule -> alert.id().equals(rule.getValue().alert())
                            && kind(rule.getKey()).rank() == rank);
        }

        private static int rank(Alert alert) {
            return alert.findings().stream()
                    .mapToInt(finding -> finding.kind().rank())
                    .max()
                    .orElse(0);
        }

        private boolean anyFlapping(Alert alert) {
            return rules.values().stream().anyMatch(rule -> alert.id().equals(rule.alert()) && rule.flapping());
        }

        Step finish() {
            rules.values().removeIf(rule -> rule.equals(RuleState.START));
            List<Alert> kept = new ArrayList<>();
            long resolved =
                    alerts.values().stream().filter(alert -> !alert.open()).count();
            for (Alert alert : alerts.values()) {
                boolean referenced =
                        rules.values().stream().anyMatch(rule -> alert.id().equals(rule.alert()));
                if (alert.open() || referenced || resolved-- <= RESOLVED_KEPT) {
                    kept.add(alert);
                }
            }
            return new Step(new AlertBoard(before.model, window, rules, kept), changes);
        }
    }
}
