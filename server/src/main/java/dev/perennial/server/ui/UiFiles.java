package dev.perennial.server.ui;

import dev.perennial.kernel.PerennialException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The interface's files as the build left them in the jar. Only names that the build listed can be asked for, so no path trick reaches
 * anything else. Bytes are kept after the first read: the whole interface is under two megabytes. Thread-safe.
 */
final class UiFiles {
    private static final String ROOT = "ui/";
    private static final String LIST = "files.tsv";
    private static final String PAGE = "index.html";
    private static final int FIELDS = 4;

    private final ClassLoader loader;
    private final Map<String, UiFile> files;
    private final Map<String, byte[]> bytes = new ConcurrentHashMap<>();

    UiFiles(ClassLoader loader) {
        this.loader = loader;
        this.files = read();
    }

    /**
     * One file.
     *
     * @param path below the interface's root, {@code assets/index-3kf9.js}
     * @param packed there are Brotli and gzip copies beside it
     * @param tag changes with the content
     */
    record UiFile(String path, String type, boolean packed, String tag) {
        boolean immutable() {
            return path.startsWith("assets/");
        }
    }

    /** How a body travels. */
    enum Encoding {
        BR(".br", "br"),
        GZIP(".gz", "gzip"),
        IDENTITY("", "");

        private final String suffix;
        private final String header;

        Encoding(String suffix, String header) {
            this.suffix = suffix;
            this.header = header;
        }

        String header() {
            return header;
        }
    }

    boolean built() {
        return files.containsKey(PAGE);
    }

    /** The page before its base path and nonce are filled in. */
    String page() {
        return new String(bytes(ROOT + PAGE), StandardCharsets.UTF_8);
    }

    Optional<UiFile> find(String path) {
        return path.equals(PAGE) ? Optional.empty() : Optional.ofNullable(files.get(path));
    }

    byte[] body(UiFile file, Encoding encoding) {
        return bytes(ROOT + file.path() + encoding.suffix);
    }

    private byte[] bytes(String name) {
        return bytes.computeIfAbsent(name, this::load);
    }

    private byte[] load(String name) {
        try (InputStream in = loader.getResourceAsStream(name)) {
            if (in == null) {
                throw new FileNotFoundException("'" + name + "' is listed but not in the jar; build again");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw PerennialException.internal("the interface's file '" + name + "' cannot be read", e);
        }
    }

    private Map<String, UiFile> read() {
        if (loader.getResource(ROOT + LIST) == null) {
            return Map.of();
        }
        Map<String, UiFile> found = new HashMap<>();
        for (String line : new String(load(ROOT + LIST), StandardCharsets.UTF_8).split("\n")) {
            String[] fields = line.split("\t");
            if (fields.length == FIELDS) {
                found.put(fields[0], new UiFile(fields[0], fields[1], fields[2].equals("packed"), fields[3]));
            }
        }
        return Map.copyOf(found);
    }
}
