package dev.perennial.scorer.serving;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which candidates are out, on disk: a restart gives them no traffic and reports them again. Thread-safe. */
final class BlownFuses {
    private static final Logger LOG = LoggerFactory.getLogger(BlownFuses.class);

    private final Path file;
    private final Map<String, FuseReport> reports = new TreeMap<>();

    BlownFuses(Path spool) {
        this.file = spool.resolve("fuses.json");
        try {
            if (Files.exists(file)) {
                for (FuseReport report : Json.read(Files.readString(file), FuseReport[].class)) {
                    reports.put(key(report.endpoint(), report.version()), report);
                }
            }
        } catch (IOException | PerennialException e) {
            LOG.warn("{} cannot be used: {}", file, e.getMessage());
        }
    }

    synchronized List<FuseReport> reports() {
        return List.copyOf(reports.values());
    }

    synchronized boolean contains(String endpoint, String version, @Nullable String rollout) {
        FuseReport report = reports.get(key(endpoint, version));
        return report != null && report.concerns(endpoint, version, rollout);
    }

    synchronized void add(FuseReport report) {
        reports.put(key(report.endpoint(), report.version()), report);
        keep();
    }

    /** Forgets those that the server took out itself. */
    synchronized void retain(Predicate<FuseReport> stillCandidate) {
        if (reports.values().removeIf(stillCandidate.negate())) {
            keep();
        }
    }

    private void keep() {
        Path next = file.resolveSibling("fuses.json.next");
        try {
            Files.writeString(next, Json.write(reports.values()));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("blown fuses cannot be kept in {}: {}", file, e.getMessage());
        }
    }

    private static String key(String endpoint, String version) {
        return endpoint + " " + version;
    }
}
