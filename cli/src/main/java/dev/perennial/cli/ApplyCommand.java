package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a file so. */
@Command(
        name = "apply",
        mixinStandardHelpOptions = true,
        description = "Makes a lifecycle file so. Applying the same file again changes nothing.",
        footer = {
            "",
            "Examples:",
            "  perennial apply flight-delay.yaml",
            "  perennial apply flight-delay.yaml --actor maria --output json",
            "",
            "Exit codes: 0 applied or nothing to do, 1 mistakes, 6 somebody changed it meanwhile."
        })
final class ApplyCommand extends LifecycleCommand {
    @Option(
            names = "--as",
            paramLabel = "NAME",
            description = "Apply in the replay of this name instead of to what is live.")
    @Nullable
    String scope;

    @Override
    Integer execute() {
        String text = read(file);
        parsed(text);
        JsonNode answer = client().apply(text, path(), scope);
        print(answer);
        if (!json()) {
            String model = answer.path("model").asText();
            terminal().line(differs(answer) ? "applied " + model : model + " was as the file says; nothing to do");
            list(answer.path("next")).forEach(next -> terminal().line("next: " + next.asText()));
        }
        return ExitCode.OK;
    }
}
