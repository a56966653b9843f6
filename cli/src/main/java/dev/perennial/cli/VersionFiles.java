package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds where the files of a version are, there and here, and brings those that did not come with a run or a logged model. */
final class VersionFiles {
    private static final Pattern OF_RUN = Pattern.compile("(\\d+)/([^/]+)/artifacts(/.*)?");
    private static final Pattern OF_MODEL = Pattern.compile("(\\d+)/models/([^/]+)/artifacts(/.*)?");
    private static final String PROMPT = "mlflow.prompt.is_prompt";

    private final MlflowSource source;
    private final ImportTarget target;
    private final ArtifactCopy artifacts;
    private final ImportReport report;

    VersionFiles(MlflowSource source, ImportTarget target, ArtifactCopy artifacts, ImportReport report) {
        this.source = source;
        this.target = target;
        this.artifacts = artifacts;
        this.report = report;
    }

    /**
     * The files of a version.
     *
     * @param source address to store as its source
     * @param storage address of the files here, when the source does not say it
     */
    record Place(String source, Optional<String> storage, long files, long bytes) {
        void describe(ObjectNode version) {
            version.put("source", source);
            storage.ifPresent(address -> version.put("storage", address));
        }
    }

    /** Brings what is missing here; empty when the MLflow server does not serve the files, which is told. */
    Optional<Place> bring(JsonNode version) {
        if (prompt(version)) {
            return Optional.empty();
        }
        String name = version.path("name").asText();
        String number = version.path("version").asText();
        String address = source.downloadUri(name, number);
        String given = version.path("source").asText();
        Optional<String> there = ImportedMessages.folder(address);
        Optional<String> here = there.flatMap(folder -> here(folder, version));
        if (there.isEmpty() || here.isEmpty()) {
            report.left("files of version " + number + " of '" + name + "' at " + address + ": "
                    + (there.isEmpty()
                            ? "that place is not served by the MLflow server"
                            : "they belong to no run and no logged model"));
            return ImportedMessages.elsewhere(address) && !address.equals(given)
                    ? Optional.of(new Place(given, Optional.of(address), 0, 0))
                    : Optional.empty();
        }
        List<MlflowSource.RemoteFile> files = source.files(there.get());
        artifacts.ensure(there.get(), here.get(), files);
        String own = ImportedMessages.address(here.get());
        String kept = address.equals(given) ? own : given;
        return Optional.of(new Place(
                kept,
                kept.equals(own) ? Optional.empty() : Optional.of(own),
                files.size(),
                files.stream().mapToLong(MlflowSource.RemoteFile::size).sum()));
    }

    private static boolean prompt(JsonNode version) {
        for (JsonNode tag : version.path("tags")) {
            if (tag.path("key").asText().equals(PROMPT)
                    && tag.path("value").asText().equalsIgnoreCase("true")) {
                return true;
            }
        }
        return false;
    }

    private Optional<String> here(String folder, JsonNode version) {
        Matcher ofModel = OF_MODEL.matcher(folder);
        if (ofModel.matches()) {
            return Optional.of(target.experiment(ofModel.group(1)) + folder.substring(ofModel.end(1)));
        }
        Matcher ofRun = OF_RUN.matcher(folder);
        if (ofRun.matches()) {
            return Optional.of(target.experiment(ofRun.group(1)) + folder.substring(ofRun.end(1)));
        }
        return elsewhereIn(folder, version);
    }

    /** A run or a logged model that keeps its files at an address of its own. */
    private Optional<String> elsewhereIn(String folder, JsonNode version) {
        Optional<MlflowSource.Home> home = Optional.of(version.path("run_id").asText())
                .filter(run -> !run.isEmpty())
                .flatMap(source::homeOfRun);
        return home.flatMap(place -> ImportedMessages.folder(place.artifacts())
                .filter(root -> folder.equals(root) || folder.startsWith(root + "/"))
                .map(root -> target.experiment(place.experiment()) + "/" + place.id() + "/artifacts"
                        + folder.substring(root.length())));
    }
}
