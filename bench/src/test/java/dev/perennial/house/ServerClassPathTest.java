package dev.perennial.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The server's class path has no data engine, no trainer and no native runtime: heavy and risky work belongs to workers. */
class ServerClassPathTest {
    private static final List<String> HEAVY =
            List.of("duckdb_jdbc", "xgboost4j_2.12", "onnxruntime", "scoring", "scorer", "worker", "cli");

    private static final Pattern DEPENDENCY = Pattern.compile(
            "<dependency>\\s*<groupId>([^<]+)</groupId>\\s*<artifactId>([^<]+)</artifactId>(.*?)</dependency>",
            Pattern.DOTALL);

    private final Repository repository = Repository.here();

    ServerClassPathTest() throws IOException {}

    @Test
    void serverHasNoHeavyDependency() {
        Set<String> all = new TreeSet<>();
        collect("server", all);

        assertThat(all).contains("engine", "store", "kernel").doesNotContainAnyElementsOf(HEAVY);
    }

    @Test
    void workerHasThem() {
        Set<String> all = new TreeSet<>();
        collect("worker", all);

        assertThat(all).contains("duckdb_jdbc", "xgboost4j_2.12", "onnxruntime").doesNotContain("server");
    }

    @Test
    void verifierDependsOnNothingOfOurs() {
        Set<String> all = new TreeSet<>();
        collect("ledger-verifier", all);

        assertThat(all).doesNotContain("kernel", "store", "engine");
    }

    private void collect(String module, Set<String> found) {
        dependencies(module).forEach(artifact -> {
            if (found.add(artifact) && repository.exists(artifact + "/pom.xml")) {
                collect(artifact, found);
            }
        });
    }

    private Stream<String> dependencies(String module) {
        return DEPENDENCY
                .matcher(repository.text(module + "/pom.xml").replaceAll("(?s)<build>.*?</build>", ""))
                .results()
                .filter(dependency -> !dependency.group(3).contains("<scope>test</scope>"))
                .map(dependency -> dependency.group(2));
    }
}
