package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.cli.TrackingApi.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
final class ArtifactsGetCommand extends CliCommand {
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
        return ArtifactsCommand.done(this, fetchAll(api, found, target), "place", target.toString(), " in ");
    }

    /** Fetches the folder, or the one file; gives the number of files. */
    private int fetchAll(TrackingApi api, Owner found, Path target) {
        List<JsonNode> files = ArtifactsCommand.below(api, found, path);
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
