package dev.perennial.server.proof;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test with this condition needs the packaged programs. Without them it is skipped with a loud message, and fails where {@code CI=true}.
 */
final class Distribution implements ExecutionCondition {
    private static final Path ROOT = root();

    /** Folder of the packaged programs. */
    static Path folder() {
        return ROOT.resolve("target/dist");
    }

    /** A file of the repository. */
    static Path file(String path) {
        return ROOT.resolve(path);
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        boolean there = Files.exists(folder().resolve("server/quarkus-run.jar"))
                && Files.isDirectory(folder().resolve("scorer"))
                && Files.isDirectory(folder().resolve("worker"));
        if (there) {
            return ConditionEvaluationResult.enabled("the programs are there");
        }
        String message = "NOT PROVEN: no packaged programs in " + folder()
                + "; make them with './perennial build' and run the test again";
        System.err.println("**** " + message);
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError(message);
        }
        return ConditionEvaluationResult.disabled(message);
    }

    private static Path root() {
        String given = System.getProperty("perennial.root", "");
        return given.isEmpty() ? Path.of("").toAbsolutePath().getParent() : Path.of(given);
    }
}
