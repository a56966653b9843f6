package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.client.ClientException;
import dev.perennial.client.PerennialClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Copies the artifacts of runs and models, file by file through a temporary one, and compares what was received with what is stored. */
final class ArtifactCopy {
    private static final String ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/";
    private static final int NOT_FOUND = 404;

    private final MlflowSource source;
    private final PerennialClient target;
    private final ImportReport report;

    ArtifactCopy(MlflowSource source, PerennialClient target, ImportReport report) {
        this.source = source;
        this.target = target;
        this.report = report;
    }

    void ofRun(JsonNode run) {
        JsonNode info = run.path("info");
        String id = info.path("run_id").asText();
        String address = info.path("artifact_uri").asText();
        Optional<String> folder = ImportedMessages.folder(address);
        if (folder.isEmpty()) {
            report.left(
                    "artifacts of run " + id + " at " + address + ": that place is not served by the MLflow server");
            return;
        }
        copyAll(folder.get(), info.path("experiment_id").asText() + "/" + id + "/artifacts");
    }

    void ofModel(JsonNode model) {
        JsonNode info = model.path("info");
        String id = info.path("model_id").asText();
        String address = info.path("artifact_uri").asText();
        Optional<String> folder = ImportedMessages.folder(address);
        if (folder.isEmpty()) {
            report.left("files of logged model " + id + " at " + address
                    + ": that place is not served by the MLflow server");
            return;
        }
        copyAll(folder.get(), info.path("experiment_id").asText() + "/models/" + id + "/artifacts");
    }

    private void copyAll(String from, String to) {
        for (MlflowSource.RemoteFile file : source.files(from)) {
            copy(from + "/" + file.path(), to + "/" + file.path());
        }
    }

    /** Copies those files that are not here yet. */
    void ensure(String from, String to, List<MlflowSource.RemoteFile> files) {
        for (MlflowSource.RemoteFile file : files) {
            if (stored(to + "/" + file.path()).isEmpty()) {
                copy(from + "/" + file.path(), to + "/" + file.path());
            }
        }
    }

    /** The SHA-256 of a file that is here. */
    private Optional<String> stored(String path) {
        try {
            return Optional.of(target.get("/api/2.0/mlflow/import/digest", Map.of("path", path))
                    .path("sha256")
                    .asText());
        } catch (ClientException e) {
            if (e.status() == NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private void copy(String from, String to) {
        try {
            Path temporary = Files.createTempFile("perennial-import", ".bin");
            try {
                source.download(from, temporary);
                String received = sha256(temporary);
                target.upload(ARTIFACTS + encoded(to), temporary);
                String stored = stored(to).orElse("nothing");
                if (!stored.equals(received)) {
                    report.differs(to + ": received with SHA-256 " + received + ", stored with " + stored);
                }
                report.took("artifact files", 1);
                report.took("artifact bytes", Files.size(temporary));
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String encoded(String path) {
        StringBuilder encoded = new StringBuilder();
        for (String segment : path.split("/", -1)) {
            encoded.append(encoded.isEmpty() ? "" : "/").append(MlflowSource.encode(segment));
        }
        return encoded.toString();
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                DigestInputStream digest = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
            digest.transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
