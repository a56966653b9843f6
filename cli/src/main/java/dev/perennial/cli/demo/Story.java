package dev.perennial.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.cli.CommandFailure;
import dev.perennial.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;

/**
 * What the demo plays: the lifecycle file of the example, the days on which people act, and the four bad candidates. All of it goes through
 * the same API that everybody uses.
 */
final class Story {
    static final ZoneId ZONE = ZoneId.of("America/New_York");
    static final LocalDate FROM = LocalDate.of(2013, 4, 1);
    static final LocalDate TO = LocalDate.of(2014, 1, 1);
    static final LocalDate FLIPPED_LABELS = LocalDate.of(2013, 5, 14);
    static final LocalDate FALSE_KNOWN_AT = LocalDate.of(2013, 5, 21);
    static final LocalDate KILL_SERVER = LocalDate.of(2013, 6, 3);
    static final LocalDate KILL_SCORER = LocalDate.of(2013, 7, 10);
    static final LocalDate OUTSIDE_MODEL = LocalDate.of(2013, 9, 9);
    static final LocalDate ROLLBACK = LocalDate.of(2013, 10, 5);
    static final LocalDate FEED_DIES = LocalDate.of(2013, 10, 14);
    static final LocalDate FEED_BACK = LocalDate.of(2013, 10, 21);
    static final LocalDate OUTSIDE_CLAIMS = LocalDate.of(2013, 8, 26);

    private static final int HOUR = 6;

    private final Path folder;
    private final String text;

    Story(Path example, boolean full) {
        this.folder = example;
        try {
            String file = Files.readString(file());
            this.text = full ? file.replace("one-in: 4", "one-in: 1") : file;
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.ERROR, "the example's lifecycle file " + file() + " cannot be read: " + e.getMessage(), e);
        }
    }

    String text() {
        return text;
    }

    Path file() {
        return folder.resolve("lifecycle.yaml");
    }

    Path outsideModel() {
        return folder.resolve("outside").resolve("outside.onnx");
    }

    Path outsideManifest() {
        return folder.resolve("outside").resolve("outside.model.json");
    }

    /** The publication hour of a day. */
    static long six(LocalDate day) {
        return day.atTime(HOUR, 0).atZone(ZONE).toInstant().toEpochMilli();
    }

    private static long midnight(LocalDate day) {
        return day.atStartOfDay(ZONE).toInstant().toEpochMilli();
    }

    /** The replay as the API wants it. */
    ObjectNode replay(ObjectNode body, String name) {
        body.put("name", name)
                .put("text", text)
                .put("path", file().toString())
                .put("from", six(FROM))
                .put("to", six(TO))
                .put("loop", true);
        ArrayNode stops = body.putArray("stops");
        List.of(FLIPPED_LABELS, FALSE_KNOWN_AT, KILL_SCORER, OUTSIDE_MODEL, ROLLBACK)
                .forEach(day -> stops.add(six(day)));
        body.putArray("outages")
                .addObject()
                .put("source", "weather")
                .put("column", "observed_at")
                .put("from", midnight(FEED_DIES))
                .put("to", midnight(FEED_BACK));
        return body;
    }

    /** (a) uses a column that nobody knows two hours ahead, and does not say when it becomes known. */
    String withoutKnownAt() {
        return text.replace("      dep_delay_min: {time: event_time, plus-minutes: dep_delay_min, plus: 10m}\n", "")
                .replace("  columns: [carrier, origin, dest,", "  columns: [dep_delay_min, carrier, origin, dest,");
    }

    /** (b) three labels of ten are wrong. */
    String withFlippedLabels() {
        return text.replace("  rows: all\n", "  rows: all\n  label-noise: 0.3\n");
    }

    /** (c) claims that the delay of a departure is known a day before. */
    String withFalseKnownAt() {
        return text.replace(
                        "      dep_delay_min: {time: event_time, plus-minutes: dep_delay_min, plus: 10m}\n",
                        "      dep_delay_min: {time: event_time, minus: 1d}\n")
                .replace("  columns: [carrier, origin, dest,", "  columns: [dep_delay_min, carrier, origin, dest,");
    }

    static LocalDate day(JsonNode millis) {
        return java.time.Instant.ofEpochMilli(millis.asLong()).atZone(ZONE).toLocalDate();
    }
}
