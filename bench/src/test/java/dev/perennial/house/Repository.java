package dev.perennial.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The files of a checkout: everything except what {@code .gitignore} names and what tools made. */
final class Repository {
    private final Path root;
    private final Set<String> ignored = new HashSet<>(Set.of(".git", "dist"));

    Repository(Path root) throws IOException {
        this.root = root;
        Files.readAllLines(root.resolve(".gitignore")).stream()
                .filter(line -> line.endsWith("/"))
                .forEach(line -> ignored.add(line.substring(0, line.length() - 1)));
    }

    /** The checkout that this build runs in. */
    static Repository here() throws IOException {
        return new Repository(Path.of(System.getProperty("perennial.root")));
    }

    /** Paths relative to the root, with {@code /}, in order. */
    List<String> files() throws IOException {
        List<String> files = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return ignored.contains(String.valueOf(folder.getFileName()))
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile() && !file.endsWith(".git")) {
                    files.add(root.relativize(file).toString().replace('\\', '/'));
                }
                return FileVisitResult.CONTINUE;
            }
        });
        files.sort(null);
        return files;
    }

    /** Files with one of these ends. */
    List<String> files(String... ends) throws IOException {
        return files().stream()
                .filter(file -> List.of(ends).stream().anyMatch(file::endsWith))
                .toList();
    }

    String text(String file) {
        try {
            return Files.readString(root.resolve(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    long size(String file) throws IOException {
        return Files.size(root.resolve(file));
    }

    boolean exists(String file) {
        return Files.exists(root.resolve(file).normalize());
    }

    Path root() {
        return root;
    }
}
