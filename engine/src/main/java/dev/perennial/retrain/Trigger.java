package dev.perennial.retrain;

import java.util.List;

/** What asks for a candidate. */
public sealed interface Trigger {

    /** No version serves yet. */
    record First() implements Trigger {}

    /** The schedule fired at this logical time. */
    record Schedule(long at) implements Trigger {}

    /** Alerts of these monitors were raised: {@code performance}, {@code drift}. */
    record Alert(List<String> monitors) implements Trigger {
        public Alert {
            monitors = List.copyOf(monitors);
        }
    }

    /** A person proposed a candidate. */
    record Person(String by, String reason) implements Trigger {}
}
