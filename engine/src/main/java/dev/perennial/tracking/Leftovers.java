package dev.perennial.tracking;

import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;

/** What a collection removes beside the stored things: folders of this machine that nothing needs and that can be made again. */
public interface Leftovers {
    /** There is nothing of the kind. */
    Leftovers NONE = new Leftovers() {
        @Override
        public Swept look(Instant youngest) {
            return Swept.NOTHING;
        }

        @Override
        public Swept delete(Instant youngest, BooleanSupplier goOn) {
            return Swept.NOTHING;
        }
    };

    /**
     * What goes, or went.
     *
     * @param names for people, sorted
     * @param bytes that they take
     */
    record Swept(List<String> names, long bytes) {
        static final Swept NOTHING = new Swept(List.of(), 0);

        public Swept {
            names = List.copyOf(names);
        }
    }

    /** What {@link #delete} would remove. */
    Swept look(Instant youngest);

    /**
     * Removes what nothing needs.
     *
     * @param youngest what was used later stays
     * @param goOn asked before each
     */
    Swept delete(Instant youngest, BooleanSupplier goOn);
}
