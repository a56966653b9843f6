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
        subcommands = {ArtifactsCommand.Listing.class, ArtifactsCommand.Get.class, ArtifactsCommand.Put.class},
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
                    new Column(
                            "PATH",
                            file -> file.path("path").asText()
                                    + (file.path("is_dir").asBoolean() ? "/" : "")),
                    new Column(
                            "BYTES",
                            file -> file.path("is_dir").asBoolean()
                                    ? ""
                                    : String.valueOf(file.path("file_size").asLong())));
            return ExitCode.OK;
        }
    }

    /** All files below a folder, without the folders. */
    private static List<JsonNode> below(TrackingApi api, Owner owner, String path) {
        List<JsonNode> all = new ArrayList<>();
        for (JsonNode file : api.files(owner, path)) {
            if (file.path("is_dir").asBoolean()) {
                all.addAll(below(api, owner, file.path("path").asText()));
            } else {
                all.add(file);
            }
        }
        return all;
    }

    /** Fetches a file or a folder. */
    @Command(
            name = "get",
            mixinStandardHelpOptions = true,
            description = "Fetches a file, or a folder with everything below it.",
            footer = {
                "",
                "Examples:",
                "  perennial artifacts get RUN model/MLmodel",
                "  perennial artifacts get RUN model --to ./model"
            })
    static final class Get extends CliCommand {
        @Parameters(index = "0", paramLabel = "RUN", description = "Id of a run or logged model.")
        private String owner = "";

        @Parameters(index = "1", paramLabel = "PATH", description = "A file or a folder.")
        private String path = "";

        @Option(
                names = "--to",
                paramLabel = "PLACE",
                description = "File or folder to write (default: the same name, here).")
        @Nullable
        private Path to;

        @Override
        Integer execute() {
            TrackingApi api = new TrackingApi(client());
            Owner found = api.owner(owner);
            String name = path.substring(path.lastIndexOf('/') + 1);
            Path target = context().workingFolder().resolve(to == null ? Path.of(name) : to);
            int count = fetchAll(api, found, target);
            if (json()) {
                terminal()
                        .json(new ObjectMapper()
                                .createObjectNode()
                                .put("files", count)
                                .put("place", target.toString()));
            } else {
                terminal().line(count + (count == 1 ? " file" : " files") + " in " + target);
            }
            return ExitCode.OK;
        }

        /** Fetches the folder, or the one file; gives the number of files. */
        private int fetchAll(TrackingApi api, Owner found, Path target) {
            List<JsonNode> files = below(api, found, path);
            if (files.isEmpty()) {
                fetch(api, found, path, target);
            }
            for (JsonNode file : files) {
                String at = file.path("path").asText();
                fetch(api, found, at, inside(target, at.substring(path.isEmpty() ? 0 : path.length() + 1)));
            }
            return Math.max(1, files.size());
        }

        /** A server cannot make this command write elsewhere. */
        private static Path inside(Path target, String below) {
            Path place = target.resolve(below).normalize();
            if (!place.startsWith(target.normalize())) {
                throw new CommandFailure(ExitCode.ERROR, "the server named a file outside of the folder: " + below);
            }
            return place;
        }

        private void fetch(TrackingApi api, Owner found, String from, Path place) {
            try {
                Path folder = place.toAbsolutePath().getParent();
                if (folder != null) {
                    Files.createDirectories(folder);
                }
            } catch (IOException e) {
                throw new CommandFailure(ExitCode.ERROR, "cannot make the folder of " + place, e);
            }
            api.download(found, from, place);
        }
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
            if (json()) {
                terminal()
                        .json(new ObjectMapper()
                                .createObjectNode()
                                .put("files", files.size())
                                .put("path", name));
            } else {
                terminal().line(files.size() + (files.size() == 1 ? " file" : " files") + " stored as " + name);
            }
            return ExitCode.OK;
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
