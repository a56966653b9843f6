package dev.perennial.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.cli.CommandFailure;
import dev.perennial.cli.ExitCode;
import dev.perennial.cli.Terminal;
import dev.perennial.client.PerennialClient;
import dev.perennial.ledgerverifier.LedgerVerifier;
import dev.perennial.ledgerverifier.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The end of the story: what was decided, what it was worth, and the proof that the record is whole. */
final class Closing {
    private static final String LOOP = "this loop";

    /** Figures of the Python reference that plays this story with the same trainer, quick scale: log loss of each arm. */
    private static final Map<String, Double> REFERENCE =
            Map.of("never retrained", 0.5136, LOOP, 0.4939, "blind, monthly, last 30 days", 0.5123);

    /** Mondays whose holdout lacks too many days because the weather feed was dead. */
    private static final List<LocalDate> WITHOUT_FEED = List.of(LocalDate.of(2013, 10, 21), LocalDate.of(2013, 10, 28));

    private static final double REFERENCE_TOLERANCE = 0.005;
    /** Less than this prints as zero. */
    private static final double PRINTED = 0.00005;

    private static final int DECISIONS_MAX = 5000;
    private static final Duration TABLE_PATIENCE = Duration.ofMinutes(5);

    private final Terminal terminal;
    private final PerennialClient client;
    private final Claims claims;
    private final Path dataDir;
    private final String replay;
    private final String model;
    private final boolean full;

    Closing(Terminal terminal, PerennialClient client, Claims claims, Path dataDir, String replay, boolean full) {
        this.terminal = terminal;
        this.client = client;
        this.claims = claims;
        this.dataDir = dataDir;
        this.replay = replay;
        this.model = "flight-delay@" + replay;
        this.full = full;
    }

    void tell() {
        terminal.line("");
        List<JsonNode> decisions =
                client.items("/api/models/" + model + "/decisions", Map.of("limit", 500), DECISIONS_MAX);
        decided(decisions);
        incidents(decisions);
        new Findings(terminal, client, claims, model).tell();
        table(decisions);
        ledger();
    }

    private void decided(List<JsonNode> decisions) {
        long promoted = count(decisions, "PROMOTION", "PROMOTE");
        long scheduled = decisions.stream()
                .filter(decision -> decision.path("kind").asText().equals("RETRAIN")
                        && decision.path("text").asText().startsWith("The schedule"))
                .count();
        Map<String, Long> verdicts = new TreeMap<>();
        decisions.stream()
                .filter(decision -> decision.path("kind").asText().equals("GATE"))
                .forEach(decision -> verdicts.merge(decision.path("verdict").asText(), 1L, Long::sum));
        terminal.line("Candidates asked for by the schedule: " + scheduled + "; verdicts of all gates: " + verdicts
                + "; promotions: " + promoted);
        claims.check("the loop promoted somebody", promoted >= 1, "at least 1", Long.toString(promoted));
        claims.check(
                "most candidates were refused",
                verdicts.getOrDefault("FAIL", 0L) > promoted,
                "more than " + promoted,
                verdicts.toString());
        WITHOUT_FEED.forEach(monday -> {
            List<String> gate = verdicts(decisions, "GATE", monday);
            claims.check(
                    "the candidate of " + monday + " is not judged for want of sound days",
                    gate.equals(List.of("INSUFFICIENT_DATA")),
                    "INSUFFICIENT_DATA",
                    gate.toString());
        });
        List<String> drifted = decisions.stream()
                .filter(decision -> decision.path("kind").asText().equals("RETRAIN")
                        && decision.path("title").asText().equals(Narrator.TRIED)
                        && decision.path("text").asText().contains("drift"))
                .map(decision -> decision.path("text").asText())
                .toList();
        claims.check("nothing was retrained because of drift", drifted.isEmpty(), "none", drifted.toString());
    }

    /** Verdicts of one kind on one day. */
    private static List<String> verdicts(List<JsonNode> decisions, String kind, LocalDate day) {
        return decisions.stream()
                .filter(decision -> decision.path("kind").asText().equals(kind)
                        && Story.day(decision.path("at")).equals(day))
                .map(decision -> decision.path("verdict").asText())
                .toList();
    }

    private void incidents(List<JsonNode> decisions) {
        List<JsonNode> stops = decisions.stream()
                .filter(decision -> decision.path("kind").asText().equals("ROLLOUT")
                        && decision.path("verdict").asText().startsWith("STOP"))
                .toList();
        claims.check(
                "shadow stopped the leaking candidate before it answered anyone",
                stops.stream().anyMatch(stop -> stop.path("verdict").asText().contains("SCORE_SHIFT")),
                "STOP ... SCORE_SHIFT",
                verdicts(stops));
        claims.check(
                "the canary's fuse took the traffic back from the failing model",
                stops.stream().anyMatch(stop -> stop.path("verdict").asText().matches("STOP (BLOWN_FUSE|ERRORS)")),
                "STOP BLOWN_FUSE",
                verdicts(stops));
        List<JsonNode> alerts = client.items("/api/alerts", Map.of("model", model, "limit", 500), DECISIONS_MAX);
        Optional<JsonNode> outage = alerts.stream()
                .filter(alert -> alert.path("cause").asText().equals("weather"))
                .filter(alert -> Story.day(alert.path("openedAt")).isAfter(Story.FEED_DIES)
                        && Story.day(alert.path("openedAt")).isBefore(Story.FEED_DIES.plusDays(3)))
                .findFirst();
        claims.check(
                "the dead weather feed raised one alert on its first day",
                outage.isPresent(),
                "an alert on weather",
                alerts.size() + " alerts");
        outage.ifPresent(alert -> {
            List<String> told = new ArrayList<>();
            alert.path("findings")
                    .forEach(finding -> told.add(finding.path("kind").asText()));
            claims.check(
                    "what was found in the outage stands in that alert: late, missing, and harm from outcomes",
                    told.containsAll(List.of("FRESHNESS", "COLUMN_MISSING", "PERFORMANCE")),
                    "FRESHNESS, COLUMN_MISSING, PERFORMANCE",
                    told.toString());
            terminal.line("   " + alert.path("title").asText() + ": "
                    + alert.path("findings").size() + " findings, opened " + Story.day(alert.path("openedAt")) + ", "
                    + alert.path("state").asText().toLowerCase(Locale.ROOT));
            claims.check(
                    "it resolved when the feed was back",
                    alert.path("state").asText().equals("RESOLVED"),
                    "RESOLVED",
                    alert.path("state").asText());
        });
        List<String> open = alerts.stream()
                .filter(alert -> alert.path("state").asText().equals("OPEN"))
                .map(alert -> alert.path("cause").asText() + " since " + Story.day(alert.path("openedAt")))
                .toList();
        claims.check(
                "the story closes with the alert on the feed that ends in the data",
                open.stream().anyMatch(alert -> alert.matches("weather since 2013-12-3[01]|weather since 2014-01-01")),
                "an open alert on weather since 30 or 31 December",
                open.toString());
    }

    private static String verdicts(List<JsonNode> decisions) {
        return decisions.stream()
                .map(decision -> decision.path("verdict").asText())
                .toList()
                .toString();
    }

    private static long count(List<JsonNode> decisions, String kind, String verdict) {
        return decisions.stream()
                .filter(decision -> decision.path("kind").asText().equals(kind)
                        && decision.path("verdict").asText().startsWith(verdict))
                .count();
    }

    private void table(List<JsonNode> decisions) {
        JsonNode table = await();
        terminal.line("");
        terminal.line("What keeping it alive was worth: log loss by month (less is better), intervals by whole days.");
        List<List<String>> rows = new ArrayList<>();
        Map<String, JsonNode> all = new TreeMap<>();
        for (JsonNode arm : table.path("arms")) {
            for (JsonNode line : arm.path("months")) {
                rows.add(List.of(
                        arm.path("name").asText(),
                        line.path("month").asText(),
                        line.path("rows").asText(),
                        number(line.path("rate")),
                        number(line.path("logLoss")),
                        number(line.path("skill")),
                        number(line.path("auc")),
                        number(line.path("calibration")),
                        Terminal.difference(line.path("minusNever"))));
                if (line.path("month").asText().equals("all")) {
                    all.put(arm.path("name").asText(), line);
                }
            }
        }
        terminal.table(
                List.of(
                        "ARM",
                        "MONTH",
                        "ROWS",
                        "LATE",
                        "LOG LOSS",
                        "SKILL",
                        "AUC",
                        "MEAN P - RATE",
                        "MINUS NEVER [95 %]"),
                rows);
        terminal.line("");
        cost(table, decisions);
        check(all);
        notShown(table);
    }

    /** What each policy took: versions trained, promoted, refused, and the processor time of its workers. */
    private void cost(JsonNode table, List<JsonNode> decisions) {
        List<JsonNode> runs = client.runs(Map.of("model", model, "limit", 500), DECISIONS_MAX).stream()
                .filter(run -> run.path("pipeline").asText().equals("candidate"))
                .toList();
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode arm : table.path("cost")) {
            rows.add(List.of(
                    arm.path("name").asText(),
                    Long.toString(1 + arm.path("trainings").asLong()),
                    arm.path("trainings").asText(),
                    "0",
                    seconds(cpuMillis(runs.getLast()) + arm.path("cpuMillis").asLong())));
        }
        rows.add(List.of(
                LOOP,
                Integer.toString(runs.size()),
                Long.toString(count(decisions, "PROMOTION", "PROMOTE")),
                Long.toString(count(decisions, "GATE", "FAIL") + count(decisions, "GATE", "INSUFFICIENT_DATA")),
                seconds(runs.stream().mapToLong(Closing::cpuMillis).sum())));
        terminal.table(List.of("ARM", "CANDIDATES", "PUT LIVE", "REFUSED", "CPU S OF WORKERS"), rows);
        terminal.line("");
    }

    private static long cpuMillis(JsonNode run) {
        long sum = 0;
        for (JsonNode step : run.path("steps")) {
            sum += step.path("cpuMillis").asLong();
        }
        return sum;
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f", millis / 1000.0);
    }

    /** What the table does not say, read from the table. */
    private void notShown(JsonNode table) {
        List<String> shown = new ArrayList<>();
        List<String> open = new ArrayList<>();
        List<String> worse = new ArrayList<>();
        for (JsonNode arm : table.path("arms")) {
            if (arm.path("name").asText().equals(LOOP)) {
                for (JsonNode line : arm.path("months")) {
                    JsonNode minus = line.path("minusNever");
                    String month = line.path("month").asText();
                    if (!minus.isMissingNode() && !month.equals("all")) {
                        (minus.path("high").asDouble() < 0
                                        ? shown
                                        : minus.path("estimate").asDouble() > PRINTED ? worse : open)
                                .add(month);
                    }
                }
            }
        }
        terminal.line(
                "Shown by a month alone: " + shown + "; not shown: " + open + "; no better at all: " + worse + ".");
        terminal.line(
                "Not shown: part of the gain is that later models saw more rows, not only newer ones; and a gate costs a little against trusting every good candidate.");
    }

    private void check(Map<String, JsonNode> all) {
        JsonNode loop = all.get(LOOP);
        JsonNode never = all.get("never retrained");
        if (loop == null || never == null) {
            claims.check(
                    "the table has the loop and the first version",
                    false,
                    "both",
                    all.keySet().toString());
            return;
        }
        double high = loop.path("minusNever").path("high").asDouble();
        claims.check(
                "the loop is better than never retraining, with its whole interval",
                high < 0,
                "an interval below 0",
                number(loop.path("minusNever").path("high")));
        claims.check(
                "no prediction is lost or counted twice",
                loop.path("rows").asLong() == never.path("rows").asLong(),
                never.path("rows").asText() + " rows",
                loop.path("rows").asText());
        if (!full) {
            REFERENCE.forEach((arm, expected) -> {
                JsonNode line = all.get(arm);
                double actual = line == null ? Double.NaN : line.path("logLoss").asDouble();
                terminal.line(String.format(
                        Locale.ROOT,
                        "   %-30s log loss %.4f, the Python reference of this story %.4f",
                        arm,
                        actual,
                        expected));
                if (!arm.equals(LOOP)) {
                    claims.check(
                            arm + " meets the reference to 0.005",
                            Math.abs(actual - expected) <= REFERENCE_TOLERANCE,
                            number(expected),
                            number(actual));
                }
            });
        }
    }

    private JsonNode await() {
        long deadline = System.nanoTime() + TABLE_PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            JsonNode table = client.get("/api/replays/" + replay + "/table");
            if (table.has("arms")) {
                return table;
            }
            client.events(Long.MAX_VALUE, 1, null);
        }
        throw new CommandFailure(
                ExitCode.TIMEOUT, "the closing table was not computed in " + TABLE_PATIENCE.toMinutes() + " minutes");
    }

    private void ledger() {
        try {
            Path export = Files.createTempFile("perennial-ledger", ".zip");
            client.exportLedger(export);
            Report whole = LedgerVerifier.verify(export, Optional.of(dataDir.resolve("ledger.pub")));
            claims.check(
                    "the ledger verifies (" + whole.entries() + " entries)",
                    whole.status() == Report.Status.GOOD,
                    "GOOD",
                    whole.status() + " " + whole.findings());
            Path folder = Files.createTempDirectory("perennial-ledger");
            unzip(export, folder);
            Path entries = folder.resolve("entries-00001.jsonl");
            byte[] bytes = Files.readAllBytes(entries);
            bytes[bytes.length / 2] ^= 1;
            Files.write(entries, bytes);
            Report broken = LedgerVerifier.verify(folder, Optional.of(dataDir.resolve("ledger.pub")));
            terminal.line("   one bit changed in a copy: "
                    + (broken.findings().isEmpty()
                            ? "nothing found"
                            : broken.findings().getFirst()));
            claims.check(
                    "one changed bit of a copy is found",
                    broken.status() == Report.Status.BROKEN,
                    "BROKEN",
                    broken.status().toString());
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.ERROR, "the ledger cannot be exported: " + e.getMessage(), e);
        }
    }

    private static void unzip(Path zip, Path folder) throws IOException {
        try (java.util.zip.ZipInputStream in = new java.util.zip.ZipInputStream(Files.newInputStream(zip))) {
            for (java.util.zip.ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                Path target = folder.resolve(entry.getName()).normalize();
                if (!entry.isDirectory() && target.startsWith(folder)) {
                    Files.createDirectories(java.util.Objects.requireNonNull(target.getParent()));
                    Files.copy(in, target);
                }
            }
        }
    }

    private static String number(JsonNode value) {
        return value.isNumber() ? number(value.asDouble()) : "";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
