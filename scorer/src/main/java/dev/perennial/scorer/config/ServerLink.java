package dev.perennial.scorer.config;

import dev.perennial.scorer.ScorerSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Blocking calls to the server's routes for scorers, the internal ones or, from a standalone scorer, the public ones; never used on an event
 * loop. The token is read anew for each call. Thread-safe.
 */
public final class ServerLink implements AutoCloseable {
    private static final int CONNECT_MILLIS = 2_000;
    private static final int HTTPS_PORT = 443;

    private final HttpClient client;
    private final URI server;
    private final String scorer;
    private final @Nullable Path tokenFile;
    private final String routes;
    private final String installation;

    public record Reply(int status, byte[] body) {
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    public ServerLink(Vertx vertx, URI server, String scorer, Path tokenFile, String installation) {
        this(vertx, server, scorer, tokenFile, installation, ScorerSettings.Network.LOOPBACK);
    }

    private ServerLink(
            Vertx vertx,
            URI server,
            String scorer,
            @Nullable Path tokenFile,
            String installation,
            ScorerSettings.Network network) {
        this.client = vertx.createHttpClient(options(server, network));
        this.server = server;
        this.scorer = URLEncoder.encode(scorer, StandardCharsets.UTF_8).replace("+", "%20");
        this.tokenFile = tokenFile;
        this.routes = network.standalone() ? "/api/scorers/" : "/internal/scorers/";
        this.installation = installation;
    }

    /** The link of a scorer as its settings want it. */
    public static ServerLink of(Vertx vertx, ScorerSettings settings) {
        return new ServerLink(
                vertx,
                settings.server(),
                settings.id(),
                settings.network().tokenless() ? null : settings.tokenFile(),
                settings.installation(),
                settings.network());
    }

    private static HttpClientOptions options(URI server, ScorerSettings.Network network) {
        boolean secure = "https".equals(server.getScheme());
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(CONNECT_MILLIS)
                .setDefaultHost(server.getHost())
                .setDefaultPort(server.getPort() > 0 ? server.getPort() : HTTPS_PORT)
                .setSsl(secure);
        if (secure && network.serverCa() != null) {
            options.setTrustOptions(
                    new PemTrustOptions().addCertPath(network.serverCa().toString()));
        }
        return options;
    }

    /**
     * @param path below the routes of this scorer
     * @throws IOException when there was no answer in time
     */
    public Reply call(HttpMethod method, String path, Map<String, String> headers, byte[] body, long timeoutMillis)
            throws IOException, InterruptedException {
        RequestOptions options = new RequestOptions()
                .setMethod(method)
                .setURI(withoutSlash(server.getPath()) + routes + scorer + path)
                .putHeader(
                        "Content-Type", path.startsWith("/segments") ? "application/octet-stream" : "application/json");
        if (tokenFile != null) {
            options.putHeader(
                    "Authorization", "Bearer " + Files.readString(tokenFile).strip());
        }
        if (!installation.isEmpty()) {
            options.putHeader("X-Perennial-Installation", installation);
        }
        headers.forEach(options::putHeader);
        Future<Reply> reply =
                client.request(options).compose(ServerLink::dated).compose(request -> send(request, body));
        try {
            return reply.toCompletionStage().toCompletableFuture().get(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(method + " " + path + " to " + server + " failed: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException(
                    method + " " + path + " to " + server + " had no answer in " + timeoutMillis + " ms", e);
        }
    }

    private static String withoutSlash(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** A certificate that is trusted by itself is not looked at by Java any further, so its dates are looked at here, before anything is said. */
    private static Future<HttpClientRequest> dated(HttpClientRequest request) {
        SSLSession session = request.connection().sslSession();
        if (session == null) {
            return Future.succeededFuture(request);
        }
        try {
            if (session.getPeerCertificates()[0] instanceof X509Certificate certificate) {
                certificate.checkValidity();
            }
            return Future.succeededFuture(request);
        } catch (SSLPeerUnverifiedException | CertificateException e) {
            request.reset();
            return Future.failedFuture(e);
        }
    }

    private static Future<Reply> send(HttpClientRequest request, byte[] body) {
        Future<io.vertx.core.http.HttpClientResponse> sent =
                body.length == 0 ? request.send() : request.send(Buffer.buffer(body));
        return sent.compose(
                response -> response.body().map(bytes -> new Reply(response.statusCode(), bytes.getBytes())));
    }

    @Override
    public void close() {
        client.close();
    }
}
