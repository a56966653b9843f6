package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.cli.Rows.Column;
import dev.perennial.client.PerennialClient;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Alerts, their evidence, and what people do about them. */
@Command(
        name = "alerts",
        mixinStandardHelpOptions = true,
        description = "Lists alerts; with an alert its evidence; acknowledges or silences one.",
        footer = {
            "",
            "Examples:",
            "  perennial alerts",
            "  perennial alerts --state resolved",
            "  perennial alerts 01a2b3 --acknowledge --reason 'weather supplier is called'",
            "  perennial alerts 01a2b3 --silence 48h --reason 'repaired on Monday'"
        })
final class AlertsCommand extends CliCommand {
    @Parameters(arity = "0..1", paramLabel = "ALERT", description = "An alert.")
    @Nullable
    String alert;

    @Option(names = "--state", paramLabel = "STATE", description = "open, resolved or silenced (default: all).")
    @Nullable
    String state;

    @Option(names = "--acknowledge", description = "Say that somebody looks after it.")
    boolean acknowledge;

    @Option(
            names = "--silence",
            paramLabel = "HOURS",
            description = "Send nothing about it for so long, for example 48h.")
    @Nullable
    String silence;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; needed to acknowledge or silence.")
    @Nullable
    String reason;

    @Override
    Integer execute() {
        if (alert == null) {
            list();
            return ExitCode.OK;
        }
        PerennialClient client = client();
        if (acknowledge || silence != null) {
            if (reason == null || reason.isBlank()) {
                throw new CommandFailure(ExitCode.USAGE, "say why with --reason TEXT");
            }
            JsonNode answer = silence == null
                    ? client.acknowledge(alert, reason)
                    : client.silence(
                            alert,
                            reason,
                            context().clock().millis() + duration(silence).toMillis());
            if (json()) {
                terminal().json(answer);
            } else {
                terminal().line((silence == null ? "acknowledged " : "silenced ") + alert);
            }
            return ExitCode.OK;
        }
        evidence(client.alerts(null).stream()
                .filter(item -> item.path("id").asText().equals(alert))
                .findFirst()
                .orElseThrow(() ->
                        new CommandFailure(ExitCode.ERROR, "no alert '" + alert + "'; 'perennial alerts' lists them")));
        return ExitCode.OK;
    }

    private static Duration duration(String text) {
        try {
            Duration duration = Duration.parse(
                    text.endsWith("d") ? "P" + text.toUpperCase(Locale.ROOT) : "PT" + text.toUpperCase(Locale.ROOT));
            if (duration.isPositive()) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            // told below
        }
        throw new CommandFailure(ExitCode.USAGE, "'" + text + "' is no duration; write it like 90m, 48h or 7d");
    }

    private void list() {
        List<String> states = List.of("OPEN", "RESOLVED", "SILENCED");
        String wanted = state == null ? null : state.toUpperCase(Locale.ROOT);
        if (wanted != null && !states.contains(wanted)) {
            throw new CommandFailure(ExitCode.USAGE, "state '" + state + "' is none of open, resolved, silenced");
        }
        Rows.print(
                this,
                client().alerts(wanted),
                "no alert",
                Column.of("ALERT", "id"),
                Column.of("MODEL", "model"),
                Column.of("STATE", "state"),
                Column.of("SEVERITY", "severity"),
                Column.time("OPENED", "openedAt"),
                Column.time("RESOLVED", "resolvedAt"),
                new Column(
                        "TITLE",
                        item -> item.path("title").asText()
                                + (item.path("injected").asBoolean() ? " (injected)" : "")));
    }

    private void evidence(JsonNode found) {
        if (json()) {
            terminal().json(found);
            return;
        }
        terminal()
                .line(found.path("state").asText() + "  " + found.path("title").asText());
        terminal().line(found.path("text").asText());
        found.path("findings")
                .forEach(finding -> terminal()
                        .line(Terminal.time(finding.path("at")) + "  "
                                + finding.path("kind").asText() + "  "
                                + finding.path("text").asText()));
    }
}
