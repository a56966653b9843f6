package dev.perennial.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** The rules of {@link JavaRules} and {@link TextRules} over every file of the repository. Exceptions stand here by name, with a reason. */
class TidyTest {
    private static final long BLOB_BYTES_MAX = 256 * 1024;
    private static final long DATA_BYTES_MAX = 8 * 1024 * 1024;

    private static final String[] TEXTS = {
        ".java",
        ".ts",
        ".tsx",
        ".css",
        ".html",
        ".md",
        ".yaml",
        ".xml",
        ".sql",
        ".properties",
        ".py",
        ".sh",
        ".lua",
        "perennial",
        ".ci/run"
    };

    /** Longer than others, and why. */
    private static final Map<String, String> LONG = Map.of(
            "engine/src/test/java/dev/perennial/lifecycle/file/LifecycleMistakesTest.java",
            "a catalogue: one case for each mistake of a lifecycle file");

    /** May write to standard output, and why. */
    private static final Map<String, String> PRINTS = Map.of(
            "cli/",
            "the command line is what prints",
            "bench/",
            "benchmarks are programs that print a table",
            "store/src/test/java/dev/perennial/store/DataDirectoryHolder.java",
            "a program: its test reads its output",
            "store/src/test/java/dev/perennial/store/KilledWriter.java",
            "a program: its test reads its output",
            "server/src/test/java/dev/perennial/server/proof/",
            "proofs tell what they disturbed and what came out",
            "testkit/src/main/java/dev/perennial/testkit/TemporaryPostgres.java",
            "a skipped database must be seen in every log");

    /** Other exceptions: where, what, and why. */
    private static final Map<String, String> EXCEPT = Map.of(
            "Transport.java UUID.randomUUID", "an idempotency key, in a library that does not have the kernel",
            "LifecycleMistakesTest.java method sources", "a table of cases",
            "NumericRows.java method compute", "a table: one line for each published figure",
            "PerformanceRows.java method others", "a table: one line for each published figure",
            "FlightDelay.java method contract", "a table of columns and rules");

    private final Repository repository = Repository.here();

    TidyTest() throws IOException {}

    @Test
    void theRepositoryHasFiles() throws IOException {
        assertThat(repository.files(".java")).hasSizeGreaterThan(300);
        assertThat(repository.files(".md")).contains("README.md", "docs/architecture.md");
    }

    @Test
    void filesAreShort() throws IOException {
        assertThat(each(TextRules::length, ".java", ".ts", ".tsx", ".css", ".md", ".py"))
                .filteredOn(finding -> !LONG.containsKey(finding.file()))
                .isEmpty();
        assertThat(LONG.keySet()).allMatch(repository::exists);
    }

    @Test
    void javaFilesKeepTheRules() throws IOException {
        Map<String, String> texts = new TreeMap<>();
        repository.files(".java").forEach(file -> texts.put(file, repository.text(file)));
        List<Finding> findings = JavaRules.check(texts, TidyTest::prints);

        assertThat(findings).filteredOn(finding -> exception(finding).isEmpty()).isEmpty();
        assertThat(findings.stream().flatMap(finding -> exception(finding).stream()))
                .as("exceptions that are needed no more")
                .containsAll(EXCEPT.keySet());
    }

    @Test
    void nothingIsLeftOver() throws IOException {
        assertThat(each(TextRules::leftovers, TEXTS)).isEmpty();
    }

    @Test
    void nothingTellsOfOneMachine() throws IOException {
        assertThat(each(TextRules::foreignWords, TEXTS)).isEmpty();
        assertThat(each(TextRules::foreignWords, ".json")).isEmpty();
    }

    @Test
    void textsAreLaidOutAlike() throws IOException {
        assertThat(each(TextRules::layout, TEXTS)).isEmpty();
    }

    @Test
    void linksLeadSomewhere() throws IOException {
        assertThat(each((file, text) -> TextRules.links(file, text, repository::exists), ".md"))
                .isEmpty();
    }

    @Test
    void blobsAreSmall() throws IOException {
        List<String> large = new ArrayList<>();
        for (String file : repository.files()) {
            boolean data = file.matches("examples/[^/]+/data/.*");
            if (repository.size(file) > (data ? DATA_BYTES_MAX : BLOB_BYTES_MAX)) {
                large.add(file + " has " + repository.size(file) + " bytes");
            }
        }
        assertThat(large).isEmpty();
    }

    @Test
    void everyPackageSaysWhatItIs() throws IOException {
        assertThat(repository.files(".java").stream()
                        .filter(file -> file.contains("src/main/java/"))
                        .map(file -> file.substring(0, file.lastIndexOf('/') + 1) + "package-info.java")
                        .distinct()
                        .filter(info -> !repository.exists(info)
                                || !repository.text(info).contains("@NullMarked")))
                .isEmpty();
    }

    @Test
    void migrationsHaveOneNumberEach() throws IOException {
        List<String> numbers = repository.files(".sql").stream()
                .filter(file -> file.contains("src/main/resources/db/migration/V"))
                .map(file -> file.replaceFirst(".*/(V\\d+)__.*", "$1"))
                .toList();
        assertThat(numbers).isNotEmpty().doesNotHaveDuplicates();
    }

    private List<Finding> each(BiFunction<String, String, List<Finding>> rule, String... ends) throws IOException {
        List<Finding> findings = new ArrayList<>();
        for (String file : repository.files(ends)) {
            findings.addAll(rule.apply(file, repository.text(file)));
        }
        return findings;
    }

    private static Optional<String> exception(Finding finding) {
        return EXCEPT.keySet().stream()
                .filter(except -> finding.file().endsWith("/" + except.split(" ", 2)[0])
                        && finding.what().startsWith(except.split(" ", 2)[1]))
                .findFirst();
    }

    private static boolean prints(String file) {
        return PRINTS.keySet().stream().anyMatch(file::startsWith);
    }
}
