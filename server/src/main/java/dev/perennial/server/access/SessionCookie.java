package dev.perennial.server.access;

import dev.perennial.governance.Sessions;
import io.vertx.core.http.HttpServerRequest;

/** The cookie of a browser's session. */
final class SessionCookie {
    /** The browser keeps a cookie of this name to this host, whole path and encrypted connections. */
    static final String SECURE = "__Host-perennial";

    /** On loopback without TLS, where a secure cookie would not come back. */
    static final String PLAIN = "perennial-session";

    private SessionCookie() {}

    static String of(String secret, boolean secure) {
        return (secure ? SECURE : PLAIN) + "=" + secret + "; Path=/; HttpOnly; SameSite=Lax; Max-Age="
                + Sessions.LONGEST.toSeconds() + (secure ? "; Secure" : "");
    }

    static String gone(boolean secure) {
        return (secure ? SECURE : PLAIN) + "=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0" + (secure ? "; Secure" : "");
    }

    /** Whether the browser speaks TLS, to us or to a proxy of ours. */
    static boolean secure(HttpServerRequest request, AccessSettings settings) {
        String host = request.authority() == null ? "" : request.authority().host();
        return request.isSSL()
                || settings.externalUrl()
                        .filter(uri ->
                                "https".equals(uri.getScheme()) && uri.getHost().equalsIgnoreCase(host))
                        .isPresent();
    }
}
