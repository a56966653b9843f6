package dev.perennial.gates;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one gate said, with the numbers it said it from.
 *
 * @param gate the gate's name, unique in a report
 * @param detail the reason, for programs
 * @param estimate the metric, or the difference candidate minus the other; null where the gate measures none
 * @param low lower end of the interval around {@code estimate}
 * @param high upper end
 * @param threshold what {@code estimate} or its interval is held against
 * @param rows labelled rows used
 * @param clusters days used
 * @param deff variance of the estimate by days over its variance by rows; null where not defined
 * @param parts one verdict for each slice, empty for gates on the whole
 * @param text one sentence for people
 */
public record GateVerdict(
        String gate,
        Verdict verdict,
        Detail detail,
        @Nullable Double estimate,
        @Nullable Double low,
        @Nullable Double high,
        @Nullable Double threshold,
        long rows,
        int clusters,
        @Nullable Double deff,
        List<GateVerdict> parts,
        String text) {

    public GateVerdict {
        parts = List.copyOf(parts);
    }

    /** A verdict that rests on no interval. */
    static GateVerdict plain(String gate, Verdict verdict, Detail detail, String text) {
        return new GateVerdict(gate, verdict, detail, null, null, null, null, 0, 0, null, List.of(), text);
    }
}
