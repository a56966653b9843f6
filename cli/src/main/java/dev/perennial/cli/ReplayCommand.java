package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.cli.Rows.Column;
import dev.perennial.client.PerennialClient;
import dev.perennial.lifecycle.file.LifecycleFile;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Plays a past time through a lifecycle file. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = "Plays a past time through a lifecycle file, in a scope of its own that touches nothing live.",
        footer = {
            "",
            "Examples:",
            "  perennial replay flight-delay.yaml --from 2013-04-01 --to 2013-07-01",
            "  perennial replay flight-delay.yaml --from 2013-04-01 --to 2013-07-01 --policy never --name baseline",
            "  perennial replay flight-delay.yaml --from 2013-04-01 --to 2013-07-01 --policy 'monthly, last 30d, no gates'",
            "  perennial replay --list",
            "  perennial replay --show spring",
            "  perennial replay --cancel spring",
            "",
            "Days begin in the file's time zone. Exit codes: 0 played to its end, 3 failed or cancelled."
        })
final class ReplayCommand extends LifecycleFileCommand {
    private static final int EVENTS_WAIT_SECONDS = 5;
    private static final long MILLIS_PER_SECOND = 1000;
    private static final List<String> ENDED = List.of("DONE", "FAILED", "CANCELLED");

    @Parameters(arity = "0..1", paramLabel = "LIFECYCLE", description = "The lifecycle file.")
    @Nullable
    String lifecycle;

    @Option(names = "--from", paramLabel = "DAY", description = "First clock: a day (2013-04-01) or an instant.")
    @Nullable
    String from;

    @Option(names = "--to", paramLabel = "DAY", description = "Last clock.")
    @Nullable
    String to;

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            description =
                    "file (default), never, or a blind schedule that is computed offline: monthly or weekly, last N d or all, no gates.")
    String policy = "file";

    @Option(names = "--name", paramLabel = "NAME", description = "Name of the replay (default: made from the time).")
    @Nullable
    String name;

    @Option(names = "--detach", description = "Start it and return.")
    boolean detach;

    @Option(names = "--list", description = "List replays.")
    boolean list;

    @Option(names = "--show", paramLabel = "NAME", description = "Show where a replay stands.")
    @Nullable
    String shown;

    @Option(names = "--release", paramLabel = "NAME", description = "Let a replay go on that waits at a stop.")
    @Nullable
    String release;

    @Option(names = "--cancel", paramLabel = "NAME", description = "Cancel a replay.")
    @Nullable
    String cancel;

    @Override
    String file() {
        return lifecycle == null ? "" : lifecycle;
    }

    @Override
    Integer execute() {
        if (list) {
            Rows.print(this, client().replays(), "no replay", columns());
            return ExitCode.OK;
        }
        if (shown != null) {
            show(client().replay(shown));
            return ExitCode.OK;
        }
        if (release != null) {
            show(client().releaseReplay(release));
            return ExitCode.OK;
        }
        if (cancel != null) {
            show(client().cancelReplay(cancel));
            return ExitCode.OK;
        }
        if (lifecycle == null || from == null || to == null) {
            throw new CommandFailure(
                    ExitCode.USAGE, "name a lifecycle file, --from and --to ('perennial replay --help' explains)");
        }
        return play(lifecycle, from, to);
    }

    private int play(String lifecycleFile, String fromText, String toText) {
        String text = read(lifecycleFile);
        LifecycleFile parsed = parsed(text);
        ObjectNode body = object().put("text", text)
                .put("path", path().toString())
                .put("from", millis(fromText, parsed.zone()))
                .put("to", millis(toText, parsed.zone()))
                .put("name", name != null ? name : "replay-" + context().clock().millis() / MILLIS_PER_SECOND);
        switch (policy) {
            case "file" -> body.put("loop", true);
            case "never" -> body.put("loop", false);
            default -> body.put("policy", policy);
        }
        PerennialClient client = client();
        JsonNode replay = client.startReplay(body);
        String started = body.path("name").asText();
        terminal().progress("replay " + started + " of " + parsed.model() + " started");
        if (!detach) {
            replay = follow(client, started, parsed.model() + "@" + started);
        }
        show(replay);
        String state = replay.path("state").asText();
        return detach || state.equals("DONE") ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Tells the replay's events as they come, until it ends. */
    private JsonNode follow(PerennialClient client, String replay, String model) {
        long seen = 0;
        while (true) {
            JsonNode events = client.events(seen, EVENTS_WAIT_SECONDS, model);
            for (JsonNode event : events.path("items")) {
                seen = Math.max(seen, event.path("seq").asLong());
                terminal()
                        .progress(Terminal.time(event.path("at")) + "  "
                                + event.path("title").asText());
            }
            JsonNode state = client.replay(replay);
            if (ENDED.contains(state.path("state").asText())
                    && events.path("items").isEmpty()) {
                return state;
            }
        }
    }

    private static long millis(String text, ZoneId zone) {
        try {
            return text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay(zone).toInstant().toEpochMilli()
                    : Instant.parse(text).toEpochMilli();
        } catch (DateTimeException e) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "'" + text + "' is neither a day such as 2013-04-01 nor an instant such as 2013-04-01T10:00:00Z",
                    e);
        }
    }

    /** What a policy that was computed offline was worth, by month. */
    private void table(JsonNode result) {
        List<JsonNode> lines = new ArrayList<>();
        for (JsonNode arm : result.path("arms")) {
            for (JsonNode month : arm.path("months")) {
                lines.add(((ObjectNode) month.deepCopy())
                        .put("policy", arm.path("name").asText()));
            }
        }
        if (!lines.isEmpty()) {
            Rows.print(
                    this,
                    lines,
                    "",
                    Column.of("POLICY", "policy"),
                    Column.of("MONTH", "month"),
                    Column.of("ROWS", "rows"),
                    Column.of("LOG LOSS", "logLoss"),
                    Column.of("SKILL", "skill"),
                    Column.of("AUC", "auc"),
                    new Column("MINUS NEVER", line -> Terminal.difference(line.path("minusNever"))));
        }
    }

    private static Column[] columns() {
        return new Column[] {
            Column.of("MODEL", "model"),
            Column.of("STATE", "state"),
            new Column("POLICY", item -> Rows.text(item.at("/plan/policy"))),
            Column.time("CLOCK", "clock"),
            new Column("FROM", item -> Terminal.time(item.at("/plan/from"))),
            new Column("TO", item -> Terminal.time(item.at("/plan/to"))),
            Column.of("NOW", "line")
        };
    }

    private void show(JsonNode replay) {
        if (json()) {
            terminal().json(replay);
        } else {
            Rows.print(this, List.of(replay), "", columns());
            table(replay.path("result"));
        }
    }
}
