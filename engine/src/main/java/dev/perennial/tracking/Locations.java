package dev.perennial.tracking;

import dev.perennial.kernel.PerennialException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Where the artifacts of an experiment are. What the server would have to fetch for a caller, or find on its own disk, is refused. */
public final class Locations {
    /** The scheme that leads clients back to this server. */
    static final String OWN = "mlflow-artifacts";

    private static final Set<String> SCHEMES =
            Set.of(OWN, "s3", "gs", "wasbs", "abfss", "abfs", "adl", "hdfs", "viewfs", "oss", "r2", "b2", "dbfs");
    private static final int DECODE_ROUNDS_MAX = 10;

    private Locations() {}

    static String checked(String location) {
        Names.atMost("artifact_location", location, Names.ARTIFACT_LOCATION_MAX);
        int colon = location.indexOf(':');
        String scheme = colon < 0 ? "" : location.substring(0, colon).toLowerCase(Locale.ROOT);
        if (!SCHEMES.contains(scheme)) {
            throw refused(
                    location,
                    "its scheme must be one of " + SCHEMES.stream().sorted().toList());
        }
        String decoded = decoded(location);
        if (decoded.contains("#") || decoded.contains(";")) {
            throw refused(location, "it must have no '#fragment' and no ';parameters'");
        }
        for (String segment : decoded.split("[/?&=\\\\]", -1)) {
            if (segment.equals("..")) {
                throw refused(location, "it must not contain '..'");
            }
        }
        if (decoded.chars().anyMatch(c -> c < ' ' || c == '\\')) {
            throw refused(location, "it must hold no control characters and no backslash");
        }
        try {
            Artifacts.directory(location);
        } catch (PerennialException e) {
            throw refused(location, "its path must be plain, without empty or '.' segments");
        }
        return location;
    }

    private static String decoded(String location) {
        String text = location;
        for (int i = 0; i < DECODE_ROUNDS_MAX; i++) {
            String next;
            try {
                next = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                return text;
            }
            if (next.equals(text)) {
                return text;
            }
            text = next;
        }
        throw refused(location, "it is percent-encoded too often");
    }

    /**
     * The place of a new experiment.
     *
     * @param root that the administrator chose; empty for this server
     */
    static String ofExperiment(Optional<String> root, long id) {
        return root.map(given -> localFolder(given)
                        .map(folder -> folder.toUri().toString())
                        .orElse(given))
                .map(given -> (given.endsWith("/") ? given : given + "/") + id)
                .orElse(OWN + ":/" + id);
    }

    /** The folder that an administrator's root means; empty when it is an address of something else. */
    static Optional<Path> localFolder(String root) {
        if (root.startsWith("file:")) {
            try {
                return Optional.of(Path.of(URI.create(root)).toAbsolutePath().normalize());
            } catch (IllegalArgumentException e) {
                throw PerennialException.invalid(
                        "default-artifact-root",
                        "the default artifact root '" + root + "' is no address of a folder: " + e.getMessage());
            }
        }
        return root.matches("[A-Za-z][A-Za-z0-9+.-]*:.*")
                ? Optional.empty()
                : Optional.of(Path.of(root).toAbsolutePath().normalize());
    }

    /** The place of a run in the place of its experiment. */
    static String ofRun(String location, String run) {
        return below(location, run);
    }

    /** The place of a logged model in the place of its experiment. */
    public static String ofModel(String location, String model) {
        return below(location, "models/" + model);
    }

    /** The place of a logged model that came from another server: on this one, wherever its experiment keeps new files. */
    public static String ofImportedModel(long experiment, String model) {
        return ofModel(OWN + ":/" + experiment, model);
    }

    private static String below(String location, String folder) {
        int query = location.indexOf('?');
        String path = query < 0 ? location : location.substring(0, query);
        String tail = query < 0 ? "" : location.substring(query);
        return (path.endsWith("/") ? path.substring(0, path.length() - 1) : path) + "/" + folder + "/artifacts" + tail;
    }

    private static PerennialException refused(String location, String why) {
        return PerennialException.invalid(
                "artifact_location",
                "Invalid value '" + location + "' for parameter 'artifact_location' supplied: " + why
                        + "; leave it out to keep artifacts on this server");
    }
}
