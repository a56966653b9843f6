package dev.perennial.server.ui;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.server.ui.UiFiles.Encoding;
import dev.perennial.server.ui.UiFiles.UiFile;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/**
 * Answers what a browser asks for. Hashed assets may be kept forever; the page itself never, because each copy carries a fresh nonce for
 * its content policy. Whatever belongs to an API is passed on untouched.
 */
public final class UiRoute {
    /** Before the routes of the framework: it looks at the path and lets go of all that is not its own. */
    private static final int ORDER = 500;

    private static final int NONCE_BYTES = 16;
    private static final List<String> API =
            List.of("/api", "/ajax-api", "/internal", "/v2", "/q", "/metrics", "/healthz");
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-%s'; img-src 'self' data:; font-src"
                    + " 'self'; connect-src 'self'; worker-src 'self'; base-uri 'self'; form-action 'self';"
                    + " frame-ancestors 'none'";

    private final SecureRandom random = new SecureRandom();
    private final UiFiles files;
    private final String base;

    UiRoute(Config config) {
        this.files = new UiFiles(UiRoute.class.getClassLoader());
        this.base = base(config.getOptionalValue("perennial.base-path", String.class));
    }

    void register(@Observes Router router) {
        router.route()
                .order(ORDER)
                .method(HttpMethod.GET)
                .method(HttpMethod.HEAD)
                .handler(this::answer);
    }

    /** The path under which a proxy shows this server, with a slash at both ends. */
    static String base(Optional<String> configured) {
        String path = configured.orElse("/").strip();
        String inner = path.replaceAll("^/+|/+$", "");
        if (!inner.matches("[A-Za-z0-9._~/-]*")) {
            throw new IllegalArgumentException(
                    "perennial.base-path '" + path + "' may hold letters, digits, '.', '_', '~', '-' and '/' only");
        }
        return inner.isEmpty() ? "/" : "/" + inner + "/";
    }

    /** Whether a path belongs to an API, whose own 404 is JSON. */
    public static boolean api(String path) {
        return API.stream().anyMatch(prefix -> path.equals(prefix) || path.startsWith(prefix + "/"));
    }

    private void answer(RoutingContext context) {
        String path = context.request().path();
        if (path == null || api(path)) {
            context.next();
            return;
        }
        Optional<UiFile> file = files.find(path.substring(1));
        if (file.isPresent()) {
            send(context, file.get());
        } else if (path.startsWith("/assets/") || !wantsPage(context)) {
            missing(context, path);
        } else if (!files.built()) {
            page(context, 503, UiAbsent.PAGE);
        } else {
            page(context, 200, files.page());
        }
    }

    private static boolean wantsPage(RoutingContext context) {
        String accept = context.request().getHeader("Accept");
        return accept != null && accept.toLowerCase(Locale.ROOT).contains("text/html");
    }

    private void page(RoutingContext context, int status, String template) {
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        String nonce = Base64.getEncoder().withoutPadding().encodeToString(bytes);
        context.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "text/html; charset=utf-8")
                .putHeader("Cache-Control", "no-store")
                .putHeader("Content-Security-Policy", String.format(Locale.ROOT, POLICY, nonce))
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "same-origin");
        end(
                context,
                Buffer.buffer(template.replace("__NONCE__", nonce)
                        .replace("<base href=\"/\"", "<base href=\"" + base + "\"")));
    }

    private void send(RoutingContext context, UiFile file) {
        HttpServerResponse response = context.response();
        String tag = '"' + file.tag() + '"';
        response.putHeader("Cache-Control", file.immutable() ? "public, max-age=31536000, immutable" : "no-cache")
                .putHeader("ETag", tag)
                .putHeader("Vary", "Accept-Encoding")
                .putHeader("X-Content-Type-Options", "nosniff");
        if (tag.equals(context.request().getHeader("If-None-Match"))) {
            response.setStatusCode(304).end();
            return;
        }
        Encoding encoding =
                file.packed() ? encoding(context.request().getHeader("Accept-Encoding")) : Encoding.IDENTITY;
        if (encoding != Encoding.IDENTITY) {
            response.putHeader("Content-Encoding", encoding.header());
        }
        response.putHeader("Content-Type", file.type());
        end(context, Buffer.buffer(files.body(file, encoding)));
    }

    /** The smallest copy that the caller takes. */
    static Encoding encoding(@org.jspecify.annotations.Nullable String accept) {
        if (accept == null) {
            return Encoding.IDENTITY;
        }
        List<String> taken =
                List.of(accept.toLowerCase(Locale.ROOT).replace(" ", "").split(","));
        for (Encoding one : List.of(Encoding.BR, Encoding.GZIP)) {
            if (taken.stream()
                    .anyMatch(text -> text.equals(one.header())
                            || (text.startsWith(one.header() + ";q=") && !text.matches(".*;q=0(\\.0*)?")))) {
                return one;
            }
        }
        return Encoding.IDENTITY;
    }

    /** Who wants no page is a program, and gets the reason as every route tells it. */
    private static void missing(RoutingContext context, String path) {
        ObjectNode body = Json.object();
        body.putObject("error")
                .put("code", ErrorCode.NOT_FOUND.name())
                .put("message", "nothing is at '" + path + "'")
                .putNull("field");
        context.response()
                .setStatusCode(ErrorCode.NOT_FOUND.httpStatus())
                .putHeader("Content-Type", "application/json")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Cache-Control", "no-store");
        end(context, Buffer.buffer(body.toString()));
    }

    private static void end(RoutingContext context, Buffer body) {
        if (context.request().method() == HttpMethod.HEAD) {
            context.response()
                    .putHeader("Content-Length", Integer.toString(body.length()))
                    .end();
        } else {
            context.response().end(body);
        }
    }
}
