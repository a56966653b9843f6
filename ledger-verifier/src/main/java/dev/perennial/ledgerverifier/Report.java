package dev.perennial.ledgerverifier;

import java.util.List;
import java.util.Optional;

/**
 * What a verification found.
 *
 * @param ledger identity of the ledger, empty when it could not be read
 * @param entries entries looked at
 * @param sealed how many of them the newest checkpoint covers
 * @param streams number of streams
 * @param checkpoints number of checkpoints whose signature and root are right
 * @param erased entries whose payload was erased, with an entry that says so
 * @param completeUntil time of the newest entry under the newest checkpoint
 * @param findings what is wrong, first broken entry first, at most 100
 * @param notes what a reader should know though nothing is wrong
 */
public record Report(
        Status status,
        String ledger,
        long entries,
        long sealed,
        int streams,
        int checkpoints,
        long erased,
        Optional<String> completeUntil,
        List<Finding> findings,
        List<String> notes) {

    /** The three outcomes and their exit statuses. */
    public enum Status {
        GOOD(0),
        /** Something is wrong, or the input cannot be read. */
        BROKEN(1),
        /** Nothing is wrong, but something that should be there is missing. */
        INCOMPLETE(2);

        private final int exitStatus;

        Status(int exitStatus) {
            this.exitStatus = exitStatus;
        }

        public int exitStatus() {
            return exitStatus;
        }
    }

    /**
     * One thing that is wrong.
     *
     * @param stream stream of the entry, or what else is concerned: a file, {@code checkpoint}, {@code ledger}
     * @param seq number of the entry within its stream; 0 where no entry is concerned
     * @param problem in words
     */
    public record Finding(Status status, String stream, long seq, String problem, String expected, String found) {
        @Override
        public String toString() {
            String where = seq > 0 ? "entry " + seq + " of " + stream : stream;
            String values =
                    expected.isEmpty() && found.isEmpty() ? "" : "\n  expected " + expected + "\n  found    " + found;
            return where + ": " + problem + values;
        }
    }

    /** The first thing that is wrong. */
    public Optional<Finding> first() {
        return findings.stream().findFirst();
    }

    /** For people. */
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append(
                switch (status) {
                    case GOOD -> "GOOD";
                    case BROKEN -> "BROKEN";
                    case INCOMPLETE -> "INCOMPLETE";
                });
        text.append(ledger.isEmpty() ? "" : ": ledger " + ledger).append('\n');
        text.append(entries + " entries in " + streams + " streams, " + sealed + " under " + checkpoints
                + " signed checkpoints" + (erased > 0 ? ", " + erased + " payloads erased" : "") + "\n");
        completeUntil.ifPresent(time ->
                text.append("complete up to " + time + "; " + (entries - sealed) + " newer and not sealed yet\n"));
        findings.forEach(finding -> text.append(finding).append('\n'));
        notes.forEach(note -> text.append("note: ").append(note).append('\n'));
        return text.toString();
    }

    /** For machines. */
    public String json() {
        StringBuilder text = new StringBuilder("{");
        text.append("\"status\":").append(quoted(status.name()));
        text.append(",\"exitStatus\":").append(status.exitStatus());
        text.append(",\"ledger\":").append(quoted(ledger));
        text.append(",\"entries\":").append(entries).append(",\"sealed\":").append(sealed);
        text.append(",\"streams\":").append(streams).append(",\"checkpoints\":").append(checkpoints);
        text.append(",\"erased\":").append(erased);
        text.append(",\"completeUntil\":")
                .append(completeUntil.map(Report::quoted).orElse("null"));
        text.append(",\"findings\":[");
        for (int i = 0; i < findings.size(); i++) {
            Finding finding = findings.get(i);
            text.append(i > 0 ? "," : "")
                    .append("{\"status\":")
                    .append(quoted(finding.status().name()));
            text.append(",\"stream\":")
                    .append(quoted(finding.stream()))
                    .append(",\"seq\":")
                    .append(finding.seq());
            text.append(",\"problem\":").append(quoted(finding.problem()));
            text.append(",\"expected\":").append(quoted(finding.expected()));
            text.append(",\"found\":").append(quoted(finding.found())).append('}');
        }
        text.append("],\"notes\":[");
        text.append(String.join(",", notes.stream().map(Report::quoted).toList()));
        return text.append("]}").toString();
    }

    private static String quoted(String value) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        return text.append('"').toString();
    }
}
