package dev.perennial.server;

/**
 * How often something other than the asked version's own answer came back, since the scorers began.
 *
 * @param fallbacks rows that a fallback answered
 * @param shed calls that were refused because too much waited
 */
record EndpointTurns(long fallbacks, long shed) {
    static final EndpointTurns NONE = new EndpointTurns(0, 0);

    private static final String FALLBACKS = "perennial_scorer_predictions_total{";
    private static final String SHED = "perennial_scorer_shed_total{";
    private static final String FALLBACK = "role=\"fallback\"";

    EndpointTurns plus(EndpointTurns other) {
        return new EndpointTurns(fallbacks + other.fallbacks, shed + other.shed);
    }

    /** Reads those of an endpoint from a text exposition; series of several versions are summed. */
    static EndpointTurns in(String exposition, String endpoint) {
        String wanted = LatencyBuckets.label(endpoint);
        long fallbacks = 0;
        long shed = 0;
        for (String line : exposition.split("\n")) {
            int end = line.lastIndexOf("} ");
            String labels = end < 0 ? "" : line.substring(0, end);
            if (!labels.contains(wanted)) {
                continue;
            }
            long count = (long) Double.parseDouble(line.substring(end + 2).strip());
            fallbacks += line.startsWith(FALLBACKS) && labels.contains(FALLBACK) ? count : 0;
            shed += line.startsWith(SHED) ? count : 0;
        }
        return new EndpointTurns(fallbacks, shed);
    }
}
