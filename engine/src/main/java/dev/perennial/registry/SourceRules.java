package dev.perennial.registry;

import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.ArtifactPath;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the files of a version may be. What this server would have to find on its own disk or fetch for a caller is refused, as is any
 * address that could lead elsewhere than it says.
 */
final class SourceRules {
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+(?=:)");
    private static final Set<String> SCHEMES = Set.of(
            "mlflow-artifacts",
            "runs",
            "models",
            "s3",
            "gs",
            "wasbs",
            "abfss",
            "abfs",
            "adl",
            "hdfs",
            "viewfs",
            "oss",
            "r2",
            "b2",
            "dbfs");
    private static final int LENGTH_MAX = 2048;
    private static final int ROUNDS_MAX = 10;

    private SourceRules() {}

    /**
     * Checks a source as it was given.
     *
     * @param prompt whether it is a prompt, whose source is only a word
     * @param root the artifacts of the run that was given with it, the only place where a local path may lie
     */
    static void check(String source, boolean prompt, Optional<String> root) {
        if (source.length() > LENGTH_MAX) {
            throw refused(source.substring(0, 80) + "...", "it has more than " + LENGTH_MAX + " characters");
        }
        String scheme = scheme(source);
        if (scheme == null || scheme.equals("file")) {
            if (prompt && scheme == null && !absolute(source)) {
                safePath(source, source);
                return;
            }
            local(source, root);
        } else if (!SCHEMES.contains(scheme)) {
            throw refused(
                    source,
                    "sources with '" + scheme + ":' are not fetched; expected one of "
                            + SCHEMES.stream().sorted().toList());
        } else {
            safe(source, source.substring(scheme.length() + 1));
        }
    }

    static @Nullable String scheme(String source) {
        var matcher = SCHEME.matcher(source);
        return matcher.lookingAt() ? matcher.group().toLowerCase(Locale.ROOT) : null;
    }

    private static boolean absolute(String source) {
        return source.startsWith("/") || source.startsWith("\\") || source.matches("[A-Za-z]:.*");
    }

    private static void local(String source, Optional<String> root) {
        String given = path(source);
        boolean inside = root.filter(place -> scheme(place) == null || "file".equals(scheme(place)))
                .map(SourceRules::path)
                .map(place -> given.equals(place) || given.startsWith(place.endsWith("/") ? place : place + "/"))
                .orElse(false);
        if (!inside) {
            throw refused(
                    source,
                    "a local path must lie inside the artifacts of the run that is given with it, and that run must keep"
                            + " its artifacts locally; log the model to this server first");
        }
        safePath(source, given.startsWith("/") ? given.substring(1) : given);
    }

    /** The path of a local address. */
    private static String path(String place) {
        String path = "file".equals(scheme(place)) ? place.substring("file:".length()) : place;
        return path.startsWith("///") ? path.substring(2) : path;
    }

    private static void safe(String source, String rest) {
        int query = rest.indexOf('?');
        String path = query < 0 ? rest : rest.substring(0, query);
        int slashes = 0;
        while (slashes < path.length() && slashes < 3 && path.charAt(slashes) == '/') {
            slashes++;
        }
        safePath(source, path.substring(slashes));
        String tail = stable(source, query < 0 ? "" : rest.substring(query));
        if (tail.contains("..") || tail.indexOf('#') >= 0 || tail.chars().anyMatch(c -> c < ' ')) {
            throw refused(source, "its query must not hold '..', '#' or control characters");
        }
    }

    private static void safePath(String source, String path) {
        String decoded = stable(source, path);
        if (decoded.indexOf(';') >= 0) {
            throw refused(source, "it must have no ';parameters'");
        }
        try {
            ArtifactPath.of(path);
            ArtifactPath.of(decoded);
        } catch (PerennialException e) {
            throw refused(
                    source,
                    "its path must be plain: no '..', no empty part, no '#', no backslash and no control character, also"
                            + " when it is decoded");
        }
    }

    /** What the text becomes when it is percent-decoded until nothing changes; a plus is a space too. */
    private static String stable(String source, String text) {
        String decoded = text;
        for (int round = 0; round < ROUNDS_MAX; round++) {
            String next;
            try {
                next = URLDecoder.decode(decoded, StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                return decoded;
            }
            if (next.equals(decoded)) {
                return decoded;
            }
            decoded = next;
        }
        throw refused(source, "it is percent-encoded too often");
    }

    static PerennialException refused(String source, String why) {
        return PerennialException.invalid("source", "Invalid model version source: '" + source + "': " + why);
    }
}
