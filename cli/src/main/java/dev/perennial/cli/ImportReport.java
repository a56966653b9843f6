package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an import took, what it compared, and what it left behind. */
final class ImportReport {
    private static final int SHOWN_MAX = 100;

    private final Map<String, Long> taken = new LinkedHashMap<>();
    private final List<String> left = new ArrayList<>();
    private final List<String> different = new ArrayList<>();
    private long leftCount;

    ImportReport() {
        for (String what : List.of(
                "experiments",
                "runs",
                "runs that were here already",
                "metric values",
                "params",
                "tags",
                "inputs",
                "logged models",
                "logged models that were here already",
                "logged model values",
                "logged model params",
                "logged model tags",
                "registered models",
                "registered models that were here already",
                "model versions",
                "model versions that were here already",
                "aliases",
                "frozen files",
                "artifact files",
                "artifact bytes")) {
            taken.put(what, 0L);
        }
    }

    void took(String what, long count) {
        taken.merge(what, count, Long::sum);
    }

    long taken(String what) {
        return taken.getOrDefault(what, 0L);
    }

    /** Something that stays behind, with the reason. */
    void left(String what) {
        leftCount++;
        if (left.size() < SHOWN_MAX) {
            left.add(what);
        }
    }

    /** Something that is stored otherwise than it was received. */
    void differs(String what) {
        different.add(what);
    }

    boolean complete() {
        return different.isEmpty();
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        taken.forEach((what, count) -> lines.add(String.format("%12d  %s", count, what)));
        lines.add(
                different.isEmpty()
                        ? "compared: every count of every run and model, and the SHA-256 of every file as received and as stored; all equal"
                        : "NOT EQUAL: " + different.size());
        lines.addAll(different);
        if (leftCount > 0) {
            lines.add("not taken:");
            left.forEach(what -> lines.add("  " + what));
            if (leftCount > left.size()) {
                lines.add("  and " + (leftCount - left.size()) + " more");
            }
        }
        return lines;
    }

    JsonNode json() {
        ObjectNode node = new ObjectMapper().createObjectNode();
        ObjectNode counts = node.putObject("taken");
        taken.forEach(counts::put);
        different.forEach(node.putArray("different")::add);
        left.forEach(node.putArray("notTaken")::add);
        return node.put("notTakenCount", leftCount);
    }
}
