package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the command line says of itself and of a server. */
class CliWordsTest {
    @TempDir
    Path folder;

    private CliHarness cli;

    @BeforeEach
    void start() {
        cli = new CliHarness(folder);
    }

    @AfterEach
    void stop() {
        cli.close();
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
    void theStatusOfAServerWithoutLifecycleFilesNamesItsEndpoints() {
        cli.on("GET /api/status", 200, "{\"ready\":true,\"version\":\"1\",\"dataDir\":\"/d\",\"startedAt\":0}");
        cli.on("GET /api/models", 200, "{\"items\":[]}");
        cli.on("GET /api/endpoints", 200, "{\"items\":[]}");
        assertThat(cli.run("status").out())
                .endsWith(
                        "no model yet; 'perennial apply LIFECYCLE' makes one, 'perennial deploy' serves a registered version\n");
        cli.on("GET /api/endpoints", 200, """
                {"items":[{"name":"churn","state":"SERVING","variants":[{"version":"iris/3","role":"champion","weight":10000}]}]}""");
        cli.run("status");
        assertThat(cli.run("status").out())
                .containsPattern("ENDPOINT +STATE +VERSIONS")
                .containsPattern("churn +SERVING +champion iris/3 100%")
                .doesNotContain("no model yet");
    }

    @Test
    void aFieldThatTheServerNamesInItsWordsIsNotNamedTwice() {
        cli.on(
                "POST /api/models/m/pause",
                400,
                "{\"error\":{\"code\":\"INVALID_ARGUMENT\",\"message\":\"reason: too long\",\"field\":\"reason\"}}");
        assertThat(cli.run("pause", "m", "--reason", "x").err()).isEqualTo("perennial: reason: too long\n");
    }
}
