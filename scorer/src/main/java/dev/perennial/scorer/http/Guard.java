package dev.perennial.scorer.http;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps web pages out: none that a foreign page sent, and on loopback only requests addressed to this machine's loopback names. Beyond
 * loopback a balancer may stand before the scorer under any name, and every request shows a token, which no page adds by itself.
 */
public final class Guard {
    private static final CharSequence SITE = HttpHeaders.createOptimized("Sec-Fetch-Site");
    private static final Set<String> HOSTS = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final Set<String> FOREIGN_SITES = Set.of("cross-site", "same-site");

    private final boolean anyHost;

    /** @param anyHost whether requests may name this scorer as they like */
    public Guard(boolean anyHost) {
        this.anyHost = anyHost;
    }

    /** @throws PerennialException when the request is addressed to another host, or a foreign page sent it */
    public void check(HttpServerRequest request) {
        String host = request.host();
        if (!anyHost && (host == null || !HOSTS.contains(withoutPort(host)))) {
            String named = host == null ? "a request without the header Host" : "host '" + host + "'";
            throw new PerennialException(
                    ErrorCode.PERMISSION_DENIED,
                    named + " is not served here; use 127.0.0.1 or localhost",
                    "Host",
                    null);
        }
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        String site = request.getHeader(SITE);
        if ((origin != null && !local(origin)) || (site != null && FOREIGN_SITES.contains(site))) {
            throw new PerennialException(
                    ErrorCode.PERMISSION_DENIED,
                    "requests from the web page '" + origin + "' are refused",
                    "Origin",
                    null);
        }
    }

    private static boolean local(String origin) {
        try {
            @Nullable String host = URI.create(origin).getHost();
            return host != null && HOSTS.contains(host);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        boolean port = colon > 0 && colon > host.lastIndexOf(']') && digits(host, colon + 1);
        return port ? host.substring(0, colon) : host;
    }

    private static boolean digits(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (!Character.isDigit(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }
}
