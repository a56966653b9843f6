package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.perennial.cli.CliHarness.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class HelpTest extends CliFixture {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "server",
                "apply",
                "plan",
                "validate",
                "status",
                "why",
                "models",
                "pipelines",
                "experiments",
                "runs",
                "artifacts",
                "snapshots",
                "decisions",
                "endpoints",
                "deploy",
                "promote",
                "weights",
                "rollouts",
                "predict",
                "labels",
                "alerts",
                "candidate",
                "rollback",
                "pause",
                "resume",
                "abort",
                "sign",
                "reproduce",
                "replay",
                "ledger",
                "ps",
                "stop"
            })
    void everyCommandExplainsItselfWithExamples(String command) {
        Outcome outcome = cli.run(command, "--help");
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).contains("Usage: perennial " + command, "Examples:", "  perennial " + command);
        assertThat(outcome.out()).doesNotContain("\u001b");
        assertThat(cli.run("--help").out()).contains("  " + command + " ");
    }

    /** A lone percent sign makes the formatter complain on the terminal. */
    @Test
    void everyLineOfEveryHelpCanBeFormatted() {
        assertThat(helpLines(cli.commands()))
                .hasSizeGreaterThan(200)
                .allSatisfy(line -> assertThatCode(() -> String.format(line)).doesNotThrowAnyException());
    }

    private static List<String> helpLines(CommandLine.Model.CommandSpec command) {
        List<String> all = new ArrayList<>();
        all.addAll(List.of(command.usageMessage().description()));
        all.addAll(List.of(command.usageMessage().footer()));
        command.subcommands().values().forEach(sub -> all.addAll(helpLines(sub.getCommandSpec())));
        return all;
    }

    @Test
    void theVersionIsTold() {
        assertThat(cli.run("--version").out()).startsWith("perennial ").contains("Java ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            modles                              | did you mean 'models'?
            models --outptu json                | --outptu
            rollback flight-delay               | --reason
            pipelines --limit many                   | 'many' is not an int
            status --output yaml                | neither json nor table
            status --server here                | is no address
            server --host 0.0.0.0               | is refused without --auth
            server --port 99999                 | no number from 0 to 65535
            replay x.yaml --from 2013-04-01     | --from and --to
            alerts a1 --acknowledge             | say why with --reason
            alerts --state broken               | none of open, resolved, silenced
            alerts a1 --silence soon --reason x | no duration
            pipelines --cancel                       | needs the run
            scorer --port 7400 --name ../../elsewhere | scorer name '../../elsewhere' must have 1 to 63 letters
            scorer --port 7400 --name .hidden   | begin with a letter or a digit
            """)
    void wrongUseIsOneClearLineAndExitCode64(String command, String message) {
        Outcome outcome = cli.run(command.split(" "));
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().lines())
                .singleElement()
                .asString()
                .startsWith("perennial: ")
                .contains(message);
    }

    @Test
    void noCommandIsUsage() {
        Outcome outcome = cli.run();
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("perennial --help");
    }
}
