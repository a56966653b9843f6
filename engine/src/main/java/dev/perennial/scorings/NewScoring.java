package dev.perennial.scorings;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Checks what somebody asks for and makes a job of it. */
record NewScoring(ScoringOrder order) {
    private static final int NAME_CHARS_MAX = 255;

    ScoringJob job(String id, long now) {
        if ((order.input() == null) == (order.digest() == null)) {
            throw PerennialException.invalid(
                    "input", "name a file of the server's machine as 'input', or send one and tell its 'digest'");
        }
        Path input = order.input() == null ? null : readable(order.input());
        String name = input == null ? sentName() : String.valueOf(input.getFileName());
        RowsFile format = order.format() == null ? RowsFile.ofName(name) : RowsFile.parse("format", order.format());
        RowsFile result = order.resultFormat() == null ? format : RowsFile.parse("resultFormat", order.resultFormat());
        if (!format.becomes(result)) {
            throw PerennialException.invalid(
                    "resultFormat",
                    "objects of JSON lines need not have the same members, so no " + result
                            + " is made of them; leave --format out");
        }
        if (order.errorsMax() != null && order.errorsMax() < 0) {
            throw PerennialException.invalid(
                    "errorsMax", "'errorsMax' is " + order.errorsMax() + "; expected 0 or more");
        }
        ScoringJob job = new ScoringJob(
                id,
                order.target(),
                order.project(),
                order.subject(),
                order.pinned(),
                order.by(),
                name,
                input == null ? null : input.toString(),
                order.digest() == null ? null : new Digest(order.digest()).hex(),
                format,
                result,
                null,
                order.force(),
                order.errorsMax(),
                0,
                null,
                now);
        return input == null ? withoutOutput(job) : withOutput(job, input);
    }

    private ScoringJob withoutOutput(ScoringJob job) {
        if (order.output() != null) {
            throw PerennialException.invalid(
                    "output", "the result of a file that is sent is fetched; it has no 'output' here");
        }
        return job;
    }

    private ScoringJob withOutput(ScoringJob job, Path input) {
        Path output =
                order.output() == null ? input.resolveSibling(job.resultName()) : absolute("output", order.output());
        Path parent = output.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw PerennialException.invalid("output", "the folder of '" + output + "' is not there");
        }
        if (output.equals(input)) {
            throw PerennialException.invalid("output", "the result cannot be the file that is scored, '" + input + "'");
        }
        if (!order.force() && Files.exists(output)) {
            throw PerennialException.invalid(
                    "output", "'" + output + "' is there already; give another name, or --force to replace it");
        }
        return new ScoringJob(
                job.id(),
                job.target(),
                job.project(),
                job.subject(),
                job.pinned(),
                job.by(),
                job.name(),
                job.input(),
                job.digest(),
                job.format(),
                job.resultFormat(),
                output.toString(),
                job.force(),
                job.errorsMax(),
                job.attempt(),
                job.admission(),
                job.createdAt());
    }

    private String sentName() {
        String name = order.name();
        if (name == null
                || name.isBlank()
                || name.length() > NAME_CHARS_MAX
                || name.matches("(?s).*[/\\\\\\p{Cntrl}].*")) {
            throw PerennialException.invalid(
                    "name", "'name', that of the file without its folder, has 1 to " + NAME_CHARS_MAX + " characters");
        }
        return name;
    }

    private static Path readable(String text) {
        Path path = absolute("input", text);
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw PerennialException.invalid(
                    "input", "there is no file '" + path + "' on the server's machine that the server may read");
        }
        return path;
    }

    private static Path absolute(String field, @Nullable String text) {
        try {
            Path path = Path.of(String.valueOf(text));
            if (path.isAbsolute() && path.getFileName() != null) {
                return path.normalize();
            }
        } catch (InvalidPathException e) {
            // told below
        }
        throw PerennialException.invalid(
                field, "'" + field + "' must be the absolute path of a file, got '" + text + "'");
    }
}
