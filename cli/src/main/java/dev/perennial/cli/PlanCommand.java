package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows what applying a file would change. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = "Shows what applying a lifecycle file would change, field by field; changes nothing.",
        footer = {
            "",
            "Examples:",
            "  perennial plan flight-delay.yaml",
            "  perennial plan flight-delay.yaml --output json",
            "",
            "Exit codes: 0 nothing would change, 2 something would, 1 mistakes."
        })
final class PlanCommand extends LifecycleCommand {
    @Option(
            names = "--as",
            paramLabel = "NAME",
            description = "Plan for the replay of this name instead of what is live.")
    @Nullable
    String scope;

    @Override
    Integer execute() {
        String text = read(file);
        parsed(text);
        JsonNode answer = client().plan(text, path(), scope);
        print(answer);
        if (!json()) {
            terminal()
                    .line(
                            differs(answer)
                                    ? "'perennial apply " + file + "' makes it so"
                                    : answer.path("model").asText() + " is as the file says");
        }
        return differs(answer) ? ExitCode.DIFFERENT : ExitCode.OK;
    }
}
