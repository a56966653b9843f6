package dev.perennial.scorer.telemetry;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Where a request stands in the trace of its caller, by W3C's {@code traceparent}: {@code 00-TRACE-PARENT-FLAGS}. Immutable.
 *
 * @param trace 32 hexadecimal digits, the same for everything that belongs to one request of a user
 * @param parent 16 hexadecimal digits of the caller's span; null when the trace begins here
 * @param span 16 hexadecimal digits of the span of this request
 * @param sampled whether spans are to be kept
 * @param state what {@code tracestate} said, handed on as it is; null when it said nothing
 */
public record TraceContext(
        String trace,
        @Nullable String parent,
        String span,
        boolean sampled,
        @Nullable String state) {
    private static final int LENGTH = 55;
    private static final int TRACE_END = 35;
    private static final int SPAN_END = 52;
    private static final int STATE_MAX = 512;
    private static final String NO_TRACE = "0".repeat(32);
    private static final String NO_SPAN = "0".repeat(16);

    /**
     * What the headers say; null when there is no {@code traceparent}, or one that the standard tells to ignore.
     *
     * @param random makes the id of our span
     */
    public static @Nullable TraceContext read(@Nullable String parent, @Nullable String state, RandomGenerator random) {
        if (parent == null || !wellFormed(parent)) {
            return null;
        }
        String trace = parent.substring(3, TRACE_END);
        String caller = parent.substring(TRACE_END + 1, SPAN_END);
        if (trace.equals(NO_TRACE) || caller.equals(NO_SPAN)) {
            return null;
        }
        boolean sampled = (Character.digit(parent.charAt(LENGTH - 1), 16) & 1) != 0;
        boolean kept = state != null && !state.isEmpty() && state.length() <= STATE_MAX;
        return new TraceContext(trace, caller, newSpan(random), sampled, kept ? state : null);
    }

    /** A trace that begins here. */
    public static TraceContext begin(RandomGenerator random, boolean sampled) {
        String trace =
                HexFormat.of().toHexDigits(nonZero(random)) + HexFormat.of().toHexDigits(random.nextLong());
        return new TraceContext(trace, null, newSpan(random), sampled, null);
    }

    static String newSpan(RandomGenerator random) {
        return HexFormat.of().toHexDigits(nonZero(random));
    }

    private static long nonZero(RandomGenerator random) {
        long value = random.nextLong();
        return value == 0 ? 1 : value;
    }

    /** Younger versions may be longer; ff is none. */
    private static boolean wellFormed(String text) {
        boolean length = text.length() == LENGTH
                || (text.length() > LENGTH && text.charAt(LENGTH) == '-' && !text.startsWith("00"));
        if (!length || text.startsWith("ff")) {
            return false;
        }
        for (int i = 0; i < LENGTH; i++) {
            char c = text.charAt(i);
            boolean dash = i == 2 || i == TRACE_END || i == SPAN_END;
            boolean digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
            if (dash ? c != '-' : !digit) {
                return false;
            }
        }
        return true;
    }

    /** What is given back to the caller: the trace and our span. */
    public String response() {
        return "00-" + trace + "-" + span + (sampled ? "-01" : "-00");
    }
}
