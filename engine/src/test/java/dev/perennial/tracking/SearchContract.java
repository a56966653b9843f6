package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.search.SearchRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What searches must find on every dialect. Each runs all of it. */
abstract class SearchContract extends TrackingFixture {
    /** Filters and the runs that they find among those of {@link #threeRuns}. */
    private static final List<String> FOUND = List.of(
            "metrics.acc > 0.4 | a",
            "metric.acc>=0.5 | a",
            "metrics.acc < 0.5 | ",
            "metrics.acc <= 5e-1 AND metrics.`a b` = 1 | a",
            "metrics.\"a b\" != 2 | a",
            "metrics.acc != 0.5 | b",
            "metrics.acc = 0 | ",
            "params.kind = 'Tree_1' | a",
            "param.kind LIKE 'Tree%' | a",
            "parameter.kind LIKE 'tree%' | b",
            "parameters.kind ILIKE 'TREE%' | a,b",
            "params.kind LIKE '%_1' | a",
            "params.kind LIKE '*' | ",
            "params.kind LIKE '[Tt]ree%' | ",
            "params.kind != 'x' | a,b",
            "params.kind IS NULL | c",
            "params.kind is not null and tags.team = \"y\" | b",
            "params.n IN ('9', '11') | b",
            "tags.team NOT IN ('x') | b",
            "tag.dotted.key = '1' | a",
            "tags.`dotted.key` = '1' | a",
            "attributes.status = 'FINISHED' | a",
            "status != 'FINISHED' | b,c",
            "attr.run_name IN ('a', 'c') | a,c",
            "run.`Run name` = 'b' | b",
            "run_name ILIKE 'A' | a",
            "user_id = 'ann' AND end_time > 1999 | a",
            "start_time = 1000 AND created <= 1000.5 | a,b,c",
            "attributes.artifact_uri LIKE 'mlflow-artifacts:/0/%' | a,b,c",
            "dataset.name = 'flights' | a",
            "datasets.digest LIKE 'd%' | a",
            "dataset.context = 'train' AND dataset.name != 'x' | a",
            "dataset.context = 'test' | ",
            "params.kind = 'Tree_1' OR params.n = '9' | a,b",
            "params.kind = 'Tree_1' AND metrics.acc > 0.4 OR run_name = 'c' | a,c",
            "params.kind ILIKE 'tree%' AND (tags.team = 'y' OR metrics.acc = 0.5) | a,b",
            "NOT params.kind = 'Tree_1' | b,c",
            "params.kind != 'Tree_1' | b",
            "NOT params.kind != 'Tree_1' | a,c",
            "NOT params.kind IS NULL | a,b",
            "NOT metrics.acc > 0 | b,c",
            "NOT metrics.absent > 0 | a,b,c",
            "NOT end_time > 1999 | b,c",
            "NOT (end_time > 1999 OR run_name = 'b') | c",
            "NOT (end_time > 1999 AND run_name = 'a') | b,c",
            "NOT NOT end_time > 1999 | a",
            "NOT dataset.name = 'flights' | b,c",
            "status IN ('FINISHED', 'RUNNING') AND NOT user_id IN ('ann') | ",
            "attributes.artifact_uri NOT IN ('x') AND tags.team IN ('x', 'y') | a,b",
            "dataset.digest IN ('d0', 'd1') | a");

    private static final List<String> REFUSED = List.of(
            "metrics.acc > '1'",
            "metrics.acc LIKE 'x'",
            "params.n = 1",
            "params.n > '1'",
            "x = 1",
            "unknown.x = '1'",
            "params.n = '1' OR",
            "params.n = '1' AND (params.m = 2)",
            "NOT metrics.acc = 'x'",
            "(params.n = '1'",
            "params.n = '1';",
            "params.n = '1' AND",
            "AND params.n = '1'",
            "status = FINISHED",
            "params.n = 'x",
            "params.n IN ()",
            "params.n IN (1)",
            "params.n IN ('a',)",
            "start_time = '1'",
            "start_time IS NULL",
            "metrics.x IN ('1')",
            "dataset.size = '1'",
            "params. = '1'",
            "params.n",
            "params.n == '1'",
            "run_id RLIKE 'x'",
            "metrics.a-b > 1",
            "params.n = '1' params.m = '2'",
            "lifecycle_stage = 'active'",
            "metrics.x > 1x");

    private void threeRuns() {
        String a = run("a");
        String b = run("b");
        String c = run("c");
        metrics(a, new Metric("acc", 0.5, 1, 2), new Metric("acc", 0.9, 1, 1), new Metric("a b", 1, 1, 1));
        metrics(b, new Metric("acc", Double.NaN, 1, 1));
        pairs(a, Map.of("kind", "Tree_1", "n", "10"), Map.of("team", "x", "dotted.key", "1"));
        pairs(b, Map.of("kind", "tree%", "n", "9"), Map.of("team", "y"));
        tracking.update(a, RunStatus.FINISHED, 2000L, null);
        tracking.logInputs(
                a,
                List.of(new DatasetInput(
                        new Dataset("flights", "d1", "code", "here", null, null),
                        List.of(new KeyValue("mlflow.data.context", "train")))));
        assertThat(c).isNotEmpty();
    }

    @Test
    void aFilterFindsWhatItSays() {
        threeRuns();
        for (String row : FOUND) {
            String filter = row.substring(0, row.lastIndexOf('|')).strip();
            String expected = row.substring(row.lastIndexOf('|') + 1).strip();
            assertThat(String.join(",", names(filter, "run_name"))).as(filter).isEqualTo(expected);
        }
    }

    @Test
    void aBrokenFilterIsRefused() {
        for (String filter : REFUSED) {
            assertThatThrownBy(() -> names(filter))
                    .as(filter)
                    .isInstanceOfSatisfying(
                            PerennialException.class,
                            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
        }
    }

    @Test
    void aClauseThatDoesNotFitIsToldWithItsPlace() {
        assertThatThrownBy(() -> names("run_name = 'a' AND params.n > '1'"))
                .hasMessage("Invalid filter at character 20: Invalid clause on 'params.n': a text compares by one of"
                        + " = != LIKE ILIKE IN; here: run_name = 'a' AND -->params.n > '1'");
        assertThatThrownBy(() -> names("metrics.a = 1 OR unknown.x = 1"))
                .hasMessage("Invalid filter at character 18: Invalid entity type 'unknown' in filter: expected metrics,"
                        + " params, tags, attributes or datasets; here: metrics.a = 1 OR -->unknown.x = 1");
        assertThatThrownBy(() -> names("", "start_time", "size DESC"))
                .hasMessageStartingWith("Invalid order_by at character 1: Invalid attribute key 'size' in order_by:")
                .hasMessageEndingWith("; here: -->size DESC");
    }

    @Test
    void missingValuesComeLastInBothDirectionsAndNanJustBefore() {
        threeRuns();
        String d = run("d");
        metrics(d, new Metric("acc", Double.NEGATIVE_INFINITY, 1, 1));
        assertThat(names("", "metrics.acc ASC")).containsExactly("d", "a", "b", "c");
        assertThat(names("", "metrics.acc DESC")).containsExactly("a", "d", "b", "c");
        assertThat(names("", "params.n", "run_name desc")).containsExactly("a", "b", "d", "c");
        assertThat(names("", "tags.team DESC", "attributes.run_name")).containsExactly("b", "a", "c", "d");
        assertThat(names("", "end_time", "run_name DESC")).containsExactly("a", "d", "c", "b");
        refused(ErrorCode.INVALID_ARGUMENT, () -> names("", "metrics.acc", "metric.acc DESC"));
        refused(ErrorCode.INVALID_ARGUMENT, () -> names("", "metrics.acc UP"));
        refused(ErrorCode.INVALID_ARGUMENT, () -> names("", "dataset.name"));
    }

    @Test
    void pagesHoldEveryRunOnceInOrder() {
        for (int i = 0; i < 10; i++) {
            String run = run("r" + i);
            if (i % 3 > 0) {
                metrics(run, new Metric("m", i % 4 == 0 ? Double.NaN : i / 3, 1, 1));
                pairs(run, Map.of("p", "p" + i / 2), Map.of());
            }
        }
        for (String order : List.of(
                "start_time DESC",
                "metrics.m ASC",
                "metrics.m DESC",
                "params.p DESC",
                "tags.absent",
                "run_name DESC")) {
            assertThat(paged(order)).hasSize(10).isEqualTo(names("", order));
        }
    }

    private List<String> paged(String order) {
        List<String> paged = new ArrayList<>();
        Optional<String> token = Optional.of("");
        while (token.isPresent()) {
            Page<TrackedRun> page = tracking.search(
                    new SearchRequest("", List.of(order), View.ACTIVE_ONLY, 3, token.get()),
                    List.of(Experiment.DEFAULT));
            page.items().forEach(found -> paged.add(found.info().name()));
            token = page.next();
        }
        return paged;
    }

    @Test
    void aCountIsOfAllPagesAndOfTheFilterAndTheView() {
        IntStream.range(0, 7).forEach(i -> run("r" + i));
        tracking.delete(run("gone"));
        assertThat(count("", View.ACTIVE_ONLY)).isEqualTo(7);
        assertThat(count("", View.ALL)).isEqualTo(8);
        assertThat(count("run_name = 'r1' OR run_name = 'r2'", View.ACTIVE_ONLY))
                .isEqualTo(2);
        assertThat(count("metrics.acc > 1", View.ALL)).isZero();
        refused(ErrorCode.INVALID_ARGUMENT, () -> count("nonsense", View.ALL));
    }

    private long count(String filter, View view) {
        return tracking.count(
                new SearchRequest(filter, List.of(), view, 3, null),
                List.of(Experiment.DEFAULT),
                TrackingRuns.COUNT_MAX);
    }

    @Test
    void aTokenOfAnotherSearchIsRefused() {
        IntStream.range(0, 5).forEach(i -> run("r" + i));
        String token = tracking.search(new SearchRequest("", List.of(), View.ALL, 2, null), List.of(0L))
                .next()
                .orElseThrow();
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> tracking.search(new SearchRequest("run_name = 'x'", List.of(), View.ALL, 2, token), List.of(0L)));
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> tracking.search(new SearchRequest("", List.of(), View.ALL, 2, "nonsense"), List.of(0L)));
    }

    @Test
    void experimentsAreFoundByNameTagAndTime() {
        Experiments experiments = tracking.experiments();
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            clock.advance(Duration.ofSeconds(1));
            ids.add(experiments.create("e" + i, null, i < 2 ? List.of(new KeyValue("team", "x")) : List.of()));
        }
        assertThat(found("tags.team = 'x'", "name DESC")).containsExactly("e1", "e0");
        assertThat(found("name LIKE 'e1%' AND tags.team IS NULL", "experiment_id DESC"))
                .containsExactly("e11", "e10");
        assertThat(found("attribute.creation_time >= " + clock.millis())).containsExactly("e11");
        assertThat(found("").getFirst()).isEqualTo("e11");
        assertThat(found("name ILIKE 'E1'")).containsExactly("e1");
        assertThat(found("name IN ('e3', 'e4') OR NOT (tags.team IS NULL OR name = 'e0')", "name"))
                .containsExactly("e1", "e3", "e4");
        assertThatThrownBy(() -> found("name = 'a' AND size = 1"))
                .hasMessage("Invalid filter at character 16: Invalid attribute key 'size' in filter: expected one of"
                        + " [creation_time, last_update_time, name]; here: name = 'a' AND -->size = 1");
        experiments.delete(ids.getFirst());
        assertThat(found("tags.team = 'x'")).containsExactly("e1");
        refused(ErrorCode.INVALID_ARGUMENT, () -> found("params.x = '1'"));
        refused(ErrorCode.INVALID_ARGUMENT, () -> found("", "tags.team"));
    }

    private List<String> found(String filter, String... order) {
        return tracking
                .experiments()
                .search(new SearchRequest(filter, List.of(order), View.ACTIVE_ONLY, 100, null))
                .items()
                .stream()
                .map(Experiment::name)
                .toList();
    }
}
