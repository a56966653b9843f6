package dev.perennial.retrain;

/** What asks for a candidate. */
public sealed interface Trigger {

    /** The schedule fired at this logical time. */
    record Schedule(long at) implements Trigger {}

    /** An alert of a monitor named in {@code also-on}: {@code performance}, {@code drift}. */
    record Alert(String monitor, String alert) implements Trigger {}

    /** A person asks; only a running training or rollout stands in the way. */
    record Person(String by, String reason) implements Trigger {}

    /** How the trigger is called in sentences. */
    default String title() {
        return switch (this) {
            case Schedule _ -> "the schedule";
            case Alert alert -> "the " + alert.monitor() + " alert";
            case Person person -> person.by();
        };
    }
}
