package dev.perennial.server.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of docs/mlflow.md that tells which test proves which line of the acceptance checklist. */
class ChecklistTest {
    private static final Path ROOT = Path.of(System.getProperty("perennial.root"));
    private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\| [^|]+ \\| ([^|]+) \\|");
    private static final Pattern NAMED = Pattern.compile("`(\\w+)((?:\\.(?:py|\\w+))?)((?: \\w+)*)`");

    /** A row: the number of the line, and the tests that are named for it. */
    private record Row(int line, String tests) {}

    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(ROOT.resolve("docs/mlflow.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows.add(new Row(Integer.parseInt(row.group(1)), row.group(2)));
            }
        }
        return rows;
    }

    private static Optional<Path> source(String name) throws IOException {
        for (String module : List.of("server", "engine", "testkit")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module))) {
                Optional<Path> found = files.filter(
                                file -> file.getFileName().toString().equals(name)
                                        && !file.toString().contains("target"))
                        .findFirst();
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    /** What is named but not there: {@code Class.method}, {@code Class}, or {@code script.py} with flows behind it. */
    private static List<String> missing(String tests) throws IOException {
        List<String> missing = new ArrayList<>();
        Matcher named = NAMED.matcher(tests);
        while (named.find()) {
            boolean python = named.group(2).equals(".py");
            Optional<Path> file = source(named.group(1) + (python ? ".py" : ".java"));
            String text = file.isEmpty() ? "" : Files.readString(file.get(), StandardCharsets.UTF_8);
            List<String> parts = python
                    ? Stream.of(named.group(3).strip().split(" "))
                            .filter(flow -> !flow.isEmpty())
                            .toList()
                    : named.group(2).isEmpty()
                            ? List.of()
                            : List.of(named.group(2).substring(1));
            boolean there = parts.stream().allMatch(part -> text.contains((python ? "def " : "void ") + part + "("));
            if (file.isEmpty() || !there) {
                missing.add(named.group());
            }
        }
        return missing;
    }

    @Test
    void everyTestOfTheTableIsThere() throws IOException {
        for (Row row : rows()) {
            assertThat(NAMED.matcher(row.tests()).find())
                    .as("line " + row.line() + " names a test")
                    .isTrue();
            assertThat(missing(row.tests())).as("line " + row.line()).isEmpty();
        }
    }

    @Test
    void everyLineOfTheChecklistButTracesIsInTheTable() throws IOException {
        assertThat(rows())
                .extracting(Row::line)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 24)
                        .filter(line -> line != 22)
                        .boxed()
                        .toList());
    }

    @Test
    void theFlowsThatTheDocumentCountsAreThoseThatAreRun() throws IOException {
        String document = Files.readString(ROOT.resolve("docs/mlflow.md"), StandardCharsets.UTF_8);
        String run = Files.readString(source("PythonClientIT.java").orElseThrow(), StandardCharsets.UTF_8);
        Matcher told = Pattern.compile("\\| Python ([23])\\.[\\d.]+ \\| `(\\w+\\.py)` \\| (\\d+)")
                .matcher(document);
        int count = 0;
        while (told.find()) {
            assertThat(run).contains("\"MLFLOW_" + told.group(1) + ", " + told.group(2) + ", " + told.group(3) + "\"");
            count++;
        }
        assertThat(count).isEqualTo(7);
    }
}
