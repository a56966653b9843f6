package dev.perennial.server.access;

import dev.perennial.governance.Grants;
import dev.perennial.governance.Right;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.Config;

/**
 * Who may reach this server, and how.
 *
 * @param auth whether callers have to sign in
 * @param host address of a second listener beyond loopback; empty for none
 * @param publicPort of that listener
 * @param proxies addresses whose forwarded headers are believed
 * @param externalUrl under which people know this server, when a proxy stands before it
 * @param everybody what each signed-in caller may do without a role or grant; empty for nothing
 */
public record AccessSettings(
        boolean auth,
        Optional<String> host,
        int publicPort,
        Optional<Path> certificate,
        Optional<Path> key,
        Set<String> proxies,
        Optional<URI> externalUrl,
        Optional<Right> everybody,
        Optional<String> adminName,
        Optional<String> adminPassword) {
    private static final int PUBLIC_PORT_DEFAULT = 7443;
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1", "[::1]");

    public AccessSettings {
        proxies = Set.copyOf(proxies);
    }

    public static AccessSettings from(Config config) {
        return new AccessSettings(
                config.getOptionalValue("perennial.auth", Boolean.class).orElse(false),
                config.getOptionalValue("perennial.host", String.class).filter(host -> !LOOPBACK.contains(host)),
                config.getOptionalValue("perennial.public-port", Integer.class).orElse(PUBLIC_PORT_DEFAULT),
                config.getOptionalValue("perennial.tls-certificate", String.class)
                        .map(Path::of),
                config.getOptionalValue("perennial.tls-key", String.class).map(Path::of),
                Set.copyOf(config.getOptionalValues("perennial.trusted-proxy", String.class)
                        .orElse(List.of())),
                config.getOptionalValue("perennial.external-url", String.class).map(AccessSettings::external),
                everybody(config.getOptionalValue("perennial.default-permission", String.class)
                        .orElse("NO_PERMISSIONS")),
                config.getOptionalValue("perennial.admin.username", String.class),
                config.getOptionalValue("perennial.admin.password", String.class));
    }

    private static Optional<Right> everybody(String permission) {
        return permission.equals("NO_PERMISSIONS") ? Optional.empty() : Optional.of(Grants.permission(permission));
    }

    private static URI external(String text) {
        URI uri = URI.create(text);
        if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw new IllegalArgumentException(
                    "perennial.external-url '" + text + "' is no address; write it like https://ml.example.org");
        }
        return uri;
    }

    /** Refuses what would show the server to others without asking who they are. */
    public AccessSettings checked() {
        if (host.isPresent() && !auth) {
            throw new IllegalArgumentException(
                    "host '" + host.get()
                            + "' is beyond this machine and needs --auth, so that callers have to sign in; or leave --host out");
        }
        if (certificate.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException("--tls-certificate and --tls-key go together; give both PEM files");
        }
        boolean proxied = !proxies.isEmpty()
                && externalUrl.filter(uri -> "https".equals(uri.getScheme())).isPresent();
        if (host.isPresent() && certificate.isEmpty() && !proxied) {
            throw new IllegalArgumentException("host '" + host.get()
                    + "' is beyond this machine and needs TLS: give --tls-certificate and --tls-key (PEM files), or, behind"
                    + " a proxy that ends TLS, --trusted-proxy ADDRESS and --external-url https://NAME");
        }
        return this;
    }

    /** Whether only the named proxies may use the outer listener. */
    public boolean proxiedOnly() {
        return certificate.isEmpty();
    }

    /** The names under which requests may come, besides loopback. */
    public boolean knows(String requested) {
        return host.filter(requested::equalsIgnoreCase).isPresent()
                || externalUrl
                        .filter(uri -> uri.getHost().equalsIgnoreCase(requested))
                        .isPresent();
    }
}
