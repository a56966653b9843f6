package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.cli.Rows.Column;
import dev.perennial.cli.TrackingApi.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Files of runs and logged models. */
@Command(
        name = "artifacts",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Lists, fetches and stores files of runs and logged models.",
        subcommands = {ArtifactsCommand.Listing.class, ArtifactsGetCommand.class, ArtifactsCommand.Put.class},
        footer = {
            "",
            "Examples:",
            "  perennial artifacts list RUN",
            "  perennial artifacts get RUN model/MLmodel",
            "  perennial artifacts put RUN report.html --as reports/today.html",
            "RUN is the id of a run, or of a logged model (m-...)."
        })
final class ArtifactsCommand extends CliCommand {
    @Override
    Integer execute() {
        throw new CommandFailure(ExitCode.USAGE, "name what to do: list, get or put ('perennial artifacts --help')");
    }

    /** Prints a folder. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists the files of a folder.",
            footer = {
                "",
                "Examples:",
                "  perennial artifacts list RUN",
                "  perennial artifacts list RUN model --recursive --output json"
            })
    static final class Listing extends CliCommand {
        @Parameters(index = "0", paramLabel = "RUN", description = "Id of a run or logged model.")
        private String owner = "";

        @Parameters(index = "1", arity = "0..1", paramLabel = "PATH", description = "A folder (default: the root).")
        private String path = "";

        @Option(names = "--recursive", description = "Folders within folders too.")
        private boolean recursive;

        @Override
        Integer execute() {
            TrackingApi api = new TrackingApi(client());
            Owner found = api.owner(owner);
            Rows.print(
                    this,
                    recursive ? below(api, found, path) : api.files(found, path),
                    "no file",
                    new Column("PATH", file -> file.path("path").asText() + (isFolder(file) ? "/" : "")),
                    new Column("BYTES", file -> isFolder(file) ? "" : Rows.text(file.path("file_size"))));
            return ExitCode.OK;
        }
    }

    private static boolean isFolder(JsonNode file) {
        return file.path("is_dir").asBoolean();
    }

    /** All files below a folder, without the folders. */
    static List<JsonNode> below(TrackingApi api, Owner owner, String path) {
        List<JsonNode> all = new ArrayList<>();
        for (JsonNode file : api.files(owner, path)) {
            if (isFolder(file)) {
                all.addAll(below(api, owner, file.path("path").asText()));
            } else {
                all.add(file);
            }
        }
        return all;
    }

    /** Says how many files went where. */
    static Integer done(CliCommand command, int files, String key, String place, String verb) {
        if (command.json()) {
            command.terminal()
                    .json(new ObjectMapper()
                            .createObjectNode()
                            .put("files", files)
                            .put(key, place));
        } else {
            command.terminal().line(files + (files == 1 ? " file" : " files") + verb + place);
        }
        return ExitCode.OK;
    }

    /** Stores a file or a folder. */
    @Command(
            name = "put",
            mixinStandardHelpOptions = true,
            description = "Stores a file, or a folder with everything below it; what has the name already is replaced.",
            footer = {
                "",
                "Examples:",
                "  perennial artifacts put RUN report.html",
                "  perennial artifacts put RUN ./model --as model"
            })
    static final class Put extends CliCommand {
        @Parameters(index = "0", paramLabel = "RUN", description = "Id of a run or logged model.")
        private String owner = "";

        @Parameters(index = "1", paramLabel = "FILE", description = "A file or a folder of this machine.")
        private Path file = Path.of("");

        @Option(names = "--as", paramLabel = "PATH", description = "Its path there (default: its name).")
        @Nullable
        private String as;

        @Override
        Integer execute() {
            Path from = context().workingFolder().resolve(file).normalize();
            String name = as == null ? String.valueOf(from.getFileName()) : as;
            List<Path> files = files(from);
            TrackingApi api = new TrackingApi(client());
            Owner found = api.owner(owner);
            for (Path each : files) {
                api.upload(found, each, each.equals(from) ? name : name + "/" + from.relativize(each));
            }
            return done(this, files.size(), "path", name, " stored as ");
        }

        /** Links are not followed. */
        private static List<Path> files(Path from) {
            try (Stream<Path> all = Files.walk(from)) {
                List<Path> files = all.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                        .sorted()
                        .toList();
                if (files.isEmpty()) {
                    throw new CommandFailure(ExitCode.ERROR, "there is no file in " + from);
                }
                return files;
            } catch (IOException e) {
                throw new CommandFailure(
                        ExitCode.ERROR, "cannot read " + from + ": it is not there or not readable", e);
            }
        }
    }
}
