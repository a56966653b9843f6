package dev.perennial.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.LifecycleText;
import dev.perennial.lifecycle.file.ParseResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks a lifecycle file without a server. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        description = "Checks a lifecycle file without a server: every mistake with line, column and advice.",
        footer = {
            "",
            "Examples:",
            "  perennial validate examples/flight-delay/lifecycle.yaml",
            "  perennial validate flight-delay.yaml --output json",
            "  perennial validate flight-delay.yaml --print     print it in its canonical form",
            "",
            "Exit codes: 0 valid, 1 mistakes. Whether the sources have the named columns is seen by 'plan'."
        })
final class ValidateCommand extends LifecycleCommand {
    @Option(names = "--print", description = "Print the file in its canonical form.")
    boolean print;

    @Override
    Integer execute() {
        ParseResult result = parse(read(file));
        Optional<LifecycleFile> parsed = result.file();
        if (json()) {
            ObjectNode answer = object().put("valid", parsed.isPresent());
            parsed.ifPresent(lifecycle -> answer.put("model", lifecycle.model())
                    .put("digest", lifecycle.digest().hex()));
            answer.putArray("problems").addAll(problems(result.problems()));
            terminal().json(answer);
        }
        if (parsed.isEmpty()) {
            if (!json()) {
                tell(problems(result.problems()));
            }
            throw refused(result.problems().size());
        }
        LifecycleFile lifecycle = parsed.get();
        List<String> missing = lifecycle.sources().values().stream()
                .map(source -> source.path())
                .filter(path -> !Files.isRegularFile(Path.of(path)))
                .sorted()
                .toList();
        missing.forEach(path -> terminal().progress("note: there is no file " + path + " here yet"));
        if (!json()) {
            if (print) {
                terminal().line(LifecycleText.render(lifecycle).stripTrailing());
            } else {
                terminal()
                        .line(file + " is valid: model " + lifecycle.model() + ", "
                                + lifecycle.featureNames().size() + " features, "
                                + lifecycle.gates().require().size() + " gates, digest "
                                + lifecycle.digest().shortHex());
            }
        }
        return ExitCode.OK;
    }
}
