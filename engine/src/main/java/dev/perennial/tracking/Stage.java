package dev.perennial.tracking;

import java.util.Locale;

/** Whether an experiment or a run is in use or was put away; what was put away can be restored. */
public enum Stage {
    ACTIVE,
    DELETED;

    /** The word in the database and on the wire. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Stage of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
