package dev.perennial.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.cli.Terminal;
import dev.perennial.client.PerennialClient;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What was found in the data, and that drift is not harm; told at the end, from what was stored. */
final class Findings {
    /** Days on which most inputs have left their first quarter while the answers are sound. */
    private static final List<LocalDate> DRIFT_WITHOUT_HARM =
            List.of(LocalDate.of(2013, 5, 31), LocalDate.of(2013, 10, 13));

    private static final double COVERAGE_FLOOR = 0.8;

    private final Terminal terminal;
    private final PerennialClient client;
    private final Claims claims;
    private final String model;

    Findings(Terminal terminal, PerennialClient client, Claims claims, String model) {
        this.terminal = terminal;
        this.client = client;
        this.claims = claims;
        this.model = model;
    }

    void tell() {
        quarantine();
        coverage();
        drift();
        rebuild();
    }

    private void quarantine() {
        JsonNode rows =
                client.version(model, 1).path("evidence").path("validation").path("quarantined");
        rows.forEach(row -> terminal.line("Quarantined by the contract: "
                + row.path("source").asText() + " " + row.path("key") + ", "
                + row.path("column").asText() + " = " + row.path("value").asText()));
        claims.check(
                "exactly one weather row is quarantined, the impossible wind of 12 February",
                rows.size() == 1 && rows.path(0).path("value").asText().startsWith("1048"),
                "one row with 1048 mph",
                rows.toString());
    }

    private void coverage() {
        List<String> thin = new ArrayList<>();
        client.items("/api/models/" + model + "/snapshots", Map.of("limit", 500), 1000).stream()
                .filter(snapshot -> snapshot.path("version").asInt() == 1)
                .forEach(snapshot -> snapshot.path("days").forEach(day -> {
                    // the newest day has no outcomes yet by the snapshot's clock
                    if (day.path("coverage").asDouble() < COVERAGE_FLOOR
                            && day.path("labelled").asInt() > 0) {
                        thin.add(day.path("day").asText());
                    }
                }));
        terminal.line("Days of the first quarter with too few outcomes for a verdict: " + thin);
        claims.check(
                "the blizzard's days are withheld from verdicts",
                thin.contains("2013-02-08") && thin.contains("2013-02-09"),
                "2013-02-08 and 2013-02-09",
                thin.toString());
    }

    private void drift() {
        for (LocalDate day : DRIFT_WITHOUT_HARM) {
            JsonNode verdict = client.get("/api/models/" + model + "/drift", Map.of("day", day.toString()))
                    .path("verdict");
            terminal.line(day + "  " + verdict.path("text").asText());
            claims.check(
                    "on " + day + " there is drift and no harm",
                    verdict.path("kind").asText().equals("DRIFT_ONLY"),
                    "DRIFT_ONLY",
                    verdict.path("kind").asText());
        }
    }

    private void rebuild() {
        JsonNode answer = client.reproduce(model, 1);
        terminal.line("Rebuilt from its lineage: " + answer.path("text").asText());
        claims.check(
                "version 1 is rebuilt bit by bit",
                answer.path("verdict").asText().equals("IDENTICAL"),
                "IDENTICAL",
                answer.path("verdict").asText());
    }
}
