package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.registry.ModelName;
import dev.perennial.registry.RegisteredVersions;
import dev.perennial.tracking.ArtifactManifest;
import dev.perennial.tracking.ArtifactPath;
import dev.perennial.tracking.Artifacts;
import dev.perennial.tracking.OpenArtifact;
import dev.perennial.tracking.TrackingRuns;
import dev.perennial.tracking.models.ModelDescription;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files of runs: listed, sent and received as streams. Nothing is ever shown inline. */
final class ArtifactCalls {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d*)-(\\d*)");
    private static final Map<String, String> TYPES = Map.of(
            "txt",
            "text/plain",
            "csv",
            "text/csv",
            "json",
            "application/json",
            "png",
            "image/png",
            "jpg",
            "image/jpeg",
            "jpeg",
            "image/jpeg",
            "pdf",
            "application/pdf",
            "yaml",
            "text/plain",
            "yml",
            "text/plain",
            "log",
            "text/plain");
    private static final int UPLOAD_BYTES_MAX = 10 << 20;
    private static final int PIECE_BYTES = 1 << 18;
    private static final String NOT_ATTACHMENT_NAME = "[^A-Za-z0-9._ -]";

    private final TrackingRuns runs;
    private final Artifacts artifacts;

    ArtifactCalls(TrackingRuns runs) {
        this.runs = runs;
        this.artifacts = runs.artifacts();
    }

    void register(Calls calls) {
        calls.on("GET 2.0 artifacts/list", Need.run(Right.READ), asked -> listOfRun(asked.fields()));
        calls.raw("POST 2.0 upload-artifact", Need.run(Right.EDIT), this::upload);
        calls.on(
                "GET 2.0 logged-models/{model_id}/artifacts/directories",
                Need.loggedModel(Right.READ),
                asked -> list(
                        runs.models().get(LoggedModelCalls.id(asked.fields())).artifactUri(),
                        path(asked.fields(), "artifact_directory_path")));
        calls.on(
                "GET 2.0 logged-models/{model_id}/description",
                Need.loggedModel(Right.READ),
                asked -> description(
                        runs.models().get(LoggedModelCalls.id(asked.fields())).artifactUri()));
        calls.raw(
                "GET 2.0 logged-models/{model_id}/artifacts/files",
                Need.loggedModel(Right.READ),
                (request, fields, body) -> send(
                        request,
                        place(runs.models().get(LoggedModelCalls.id(fields)).artifactUri()),
                        requiredPath(fields, "artifact_file_path")));
    }

    private ObjectNode listOfRun(Fields fields) {
        return list(runs.get(fields.runId()).info().artifactUri(), path(fields, "path"));
    }

    private ObjectNode list(String uri, ArtifactPath below) {
        ObjectNode node = Json.object().put("root_uri", uri);
        String prefix = below.segments().isEmpty() ? "" : below.text() + "/";
        artifacts
                .place(uri)
                .ifPresent(place -> Wire.putList(node, "files", place.list(below), file -> Wire.file(prefix, file)));
        return node;
    }

    private Artifacts.Place place(String uri) {
        return artifacts
                .place(uri)
                .orElseThrow(() ->
                        PerennialException.notFound("the artifacts at '" + uri + "' are not kept on this server"));
    }

    /** Of our own screens: what the model's file says. */
    private ObjectNode description(String uri) {
        return ModelDescription.of(place(uri), ArtifactPath.of(""))
                .map(DescriptionWire::of)
                .orElseThrow(() -> PerennialException.notFound("the model at '" + uri + "' has no file MLmodel"));
    }

    /** Of the screens of MLflow, for small files. */
    private void upload(HttpServerRequest request, Fields fields, InputStream body) throws IOException {
        ArtifactPath below = requiredPath(fields, "path");
        ArtifactPath root = Artifacts.directory(runs.active(fields.runId()))
                .orElseThrow(
                        () -> PerennialException.notFound("the artifacts of this run are not kept on this server"));
        byte[] bytes = body.readNBytes(UPLOAD_BYTES_MAX + 1);
        if (bytes.length > UPLOAD_BYTES_MAX) {
            throw PerennialException.invalid(
                    "path",
                    "Artifact size is too large. Max size is " + (UPLOAD_BYTES_MAX >> 20)
                            + "MB; send it to mlflow-artifacts, which has no limit");
        }
        if (bytes.length == 0) {
            throw PerennialException.invalid("data", "Missing value for required parameter 'data': the body is empty");
        }
        artifacts.put(root.resolve(below), new ByteArrayInputStream(bytes));
        json(request.response(), Json.object());
    }

    private static ArtifactPath path(Fields fields) {
        return path(fields, "path");
    }

    private static ArtifactPath path(Fields fields, String name) {
        String path = fields.text(name);
        return ArtifactPath.of(path == null ? "" : path);
    }

    private static ArtifactPath requiredPath(Fields fields, String name) {
        fields.required(name);
        return path(fields, name);
    }

    /**
     * Serves {@code mlflow-artifacts/artifacts}.
     *
     * @param rest of the raw path, still encoded
     */
    void serve(HttpServerRequest request, String rest, Fields query, InputStream body) {
        ArtifactPath path = ArtifactPath.of(decoded(rest));
        HttpServerResponse response = request.response();
        switch (request.method().name()) {
            case "PUT" -> {
                artifacts.put(path, body);
                response.end();
            }
            case "DELETE" -> {
                artifacts.delete(path);
                json(response, Json.object());
            }
            case "GET", "HEAD" -> {
                if (path.segments().isEmpty()) {
                    ObjectNode node = Json.object();
                    Wire.putList(node, "files", artifacts.list(path(query)), file -> Wire.file("", file));
                    json(response, node);
                } else {
                    try (OpenArtifact file = artifacts.open(path)) {
                        send(request, file, path.segments().getLast());
                    }
                }
            }
            default ->
                throw new PerennialException(
                        dev.perennial.kernel.ErrorCode.METHOD_NOT_ALLOWED,
                        "artifacts are read by GET, stored by PUT and removed by DELETE");
        }
    }

    /**
     * The file or folder that a request is about.
     *
     * @param rest of the raw path, still encoded; a list names its folder in the query
     */
    static ArtifactPath path(HttpServerRequest request, String rest, Fields query) {
        ArtifactPath path = ArtifactPath.of(decoded(rest));
        return path.segments().isEmpty() && request.method().name().equals("GET") ? path(query) : path;
    }

    /** Serves {@code get-artifact}: one file of a run. */
    void serveOfRun(HttpServerRequest request, Fields query) {
        send(request, place(runs.get(query.runId()).info().artifactUri()), requiredPath(query, "path"));
    }

    /** Serves {@code model-versions/get-artifact}: one file of a registered version, as it was when the version was registered. */
    void serveOfVersion(HttpServerRequest request, Fields query, ModelName name, RegisteredVersions versions) {
        int number = RegisteredVersions.number(query.required("version"));
        ArtifactPath path = requiredPath(query, "path");
        String frozen = versions.usable(name, number).standing().manifest();
        if (frozen == null) {
            send(request, place(versions.downloadUri(name, number)), path);
            return;
        }
        ArtifactManifest manifest = artifacts.manifest(new Digest(frozen));
        try (OpenArtifact file = artifacts.open(manifest, path.text())) {
            send(
                    request,
                    file,
                    path.segments().isEmpty() ? "artifact" : path.segments().getLast());
        }
    }

    private static String decoded(String rest) {
        String plain = rest.startsWith("/") ? rest.substring(1) : rest;
        try {
            return URLDecoder.decode(plain.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw PerennialException.invalid("path", "Invalid path");
        }
    }

    private static void send(HttpServerRequest request, Artifacts.Place place, ArtifactPath below) {
        try (OpenArtifact file = place.open(below)) {
            send(
                    request,
                    file,
                    below.segments().isEmpty() ? "artifact" : below.segments().getLast());
        }
    }

    private static void send(HttpServerRequest request, OpenArtifact file, String name) {
        HttpServerResponse response = request.response();
        long size = file.size();
        response.putHeader("Content-Type", type(name))
                .putHeader(
                        "Content-Disposition",
                        "attachment; filename=\"" + name.replaceAll(NOT_ATTACHMENT_NAME, "_") + "\"")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Content-Security-Policy", "sandbox; default-src 'none'")
                .putHeader("Accept-Ranges", "bytes");
        Optional<long[]> range = range(request.getHeader("Range"), size);
        if (range.isPresent() && range.get().length == 0) {
            response.setStatusCode(416)
                    .putHeader("Content-Range", "bytes */" + size)
                    .end();
        } else if (range.isPresent()) {
            long from = range.get()[0];
            long to = range.get()[1];
            response.setStatusCode(206).putHeader("Content-Range", "bytes " + from + "-" + to + "/" + size);
            deliver(request, file, from, to - from + 1);
        } else {
            deliver(request, file, 0, size);
        }
    }

    /**
     * Sends a piece only when the one before has left, so that a slow reader costs one piece of memory. A whole file is compared with its
     * digest on the way; the last piece of one that was damaged is not sent, so nobody takes it for whole.
     */
    private static void deliver(HttpServerRequest request, OpenArtifact file, long from, long length) {
        HttpServerResponse response = request.response();
        OpenArtifact.Check check = file.check();
        boolean whole = from == 0 && length == file.size();
        response.putHeader("Content-Length", String.valueOf(length));
        long left = request.method().name().equals("HEAD") ? 0 : length;
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, Math.max(1, left)));
        while (left > 0) {
            piece.clear().limit((int) Math.min(piece.capacity(), left));
            int count = file.read(piece, from + length - left);
            if (count <= 0) {
                throw new UncheckedIOException(new EOFException("the artifact became shorter while it was sent"));
            }
            left -= count;
            if (whole) {
                check.take(piece.array(), count);
                if (left == 0) {
                    check.end();
                }
            }
            response.write(Buffer.buffer().appendBytes(piece.array(), 0, count))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        }
        response.end();
    }

    /** First and last byte; empty when the whole file is asked for, an empty array when nothing can be sent. */
    private static Optional<long[]> range(@org.jspecify.annotations.Nullable String header, long size) {
        Matcher matcher = RANGE.matcher(header == null ? "" : header);
        if (!matcher.matches()
                || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
            return Optional.empty();
        }
        try {
            long first = matcher.group(1).isEmpty()
                    ? Math.max(0, size - Long.parseLong(matcher.group(2)))
                    : Long.parseLong(matcher.group(1));
            long last = matcher.group(1).isEmpty() || matcher.group(2).isEmpty()
                    ? size - 1
                    : Math.min(size - 1, Long.parseLong(matcher.group(2)));
            return Optional.of(first > last ? new long[0] : new long[] {first, last});
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Types that a browser could run are sent as plain bytes. */
    private static String type(String name) {
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return TYPES.getOrDefault(ending, "application/octet-stream");
    }

    /** An empty object. */
    static void empty(HttpServerResponse response) {
        response.putHeader("Content-Type", "application/json").end("{}");
    }

    static void json(HttpServerResponse response, ObjectNode node) {
        response.putHeader("Content-Type", "application/json").end(node.toString());
    }
}
