package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.registry.ModelName;
import dev.perennial.registry.RegisteredVersions;
import dev.perennial.tracking.ArtifactPath;
import dev.perennial.tracking.Artifacts;
import dev.perennial.tracking.RunInfo;
import dev.perennial.tracking.TrackingRuns;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
    private static final String NOT_ATTACHMENT_NAME = "[^A-Za-z0-9._ -]";

    private final TrackingRuns runs;
    private final Artifacts artifacts;

    ArtifactCalls(TrackingRuns runs) {
        this.runs = runs;
        this.artifacts = runs.artifacts();
    }

    void register(Calls calls) {
        calls.on("GET 2.0 artifacts/list", Need.run(Right.READ), asked -> listOfRun(asked.fields()));
    }

    private ObjectNode listOfRun(Fields fields) {
        RunInfo run = runs.get(fields.runId()).info();
        ArtifactPath below = path(fields);
        ObjectNode node = Json.object().put("root_uri", run.artifactUri());
        String prefix = below.segments().isEmpty() ? "" : below.text() + "/";
        Artifacts.directory(run)
                .ifPresent(root -> Wire.putList(
                        node, "files", artifacts.list(root.resolve(below)), file -> Wire.file(prefix, file)));
        return node;
    }

    private static ArtifactPath path(Fields fields) {
        String path = fields.text("path");
        return ArtifactPath.of(path == null ? "" : path);
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
                    send(request, path);
                }
            }
            default ->
                throw new PerennialException(
                        dev.perennial.kernel.ErrorCode.METHOD_NOT_ALLOWED,
                        "artifacts are read by GET, stored by PUT and removed by DELETE");
        }
    }

    /** Serves {@code get-artifact}: one file of a run. */
    void serveOfRun(HttpServerRequest request, Fields query) {
        ArtifactPath root = Artifacts.directory(runs.get(query.runId()).info())
                .orElseThrow(
                        () -> PerennialException.notFound("the artifacts of this run are not kept on this server"));
        query.required("path");
        send(request, root.resolve(path(query)));
    }

    /** Serves {@code model-versions/get-artifact}: one file of a registered version. */
    void serveOfVersion(HttpServerRequest request, Fields query, RegisteredVersions versions) {
        ModelName name = ModelName.of(query.required("name"));
        String place = versions.downloadUri(name, RegisteredVersions.number(query.required("version")));
        ArtifactPath root = Artifacts.directory(place)
                .orElseThrow(() -> PerennialException.notFound(
                        "the artifacts of this version are at '" + place + "', not on this server"));
        query.required("path");
        send(request, root.resolve(path(query)));
    }

    private static String decoded(String rest) {
        String plain = rest.startsWith("/") ? rest.substring(1) : rest;
        try {
            return URLDecoder.decode(plain.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw PerennialException.invalid("path", "Invalid path");
        }
    }

    private void send(HttpServerRequest request, ArtifactPath path) {
        Path file = artifacts.file(path);
        String name = path.segments().getLast();
        HttpServerResponse response = request.response();
        long size = size(file);
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

    private static void deliver(HttpServerRequest request, Path file, long from, long length) {
        HttpServerResponse response = request.response();
        if (length == 0 || request.method().name().equals("HEAD")) {
            response.putHeader("Content-Length", String.valueOf(length)).end();
        } else {
            response.sendFile(file.toString(), from, length);
        }
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

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    static void json(HttpServerResponse response, ObjectNode node) {
        response.putHeader("Content-Type", "application/json").end(node.toString());
    }
}
