package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.tracking.search.Condition;
import dev.perennial.tracking.search.FilterParser;
import dev.perennial.tracking.search.SearchRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Filters at random find on every dialect what a plain reading of them finds. */
abstract class FilterContract extends TrackingFixture {
    private static final int ROWS = 60;
    private static final int FILTERS = 400;
    private static final long SEED = 20_261_121;

    private final Map<String, FilterRow> rows = new TreeMap<>();

    /** Logs runs of which each has only some of what filters ask for. */
    private void runs(RandomFilter random) {
        for (int i = 0; i < ROWS; i++) {
            Map<String, Long> times = new HashMap<>(Map.of("start_time", (long) (i % 3)));
            String id = tracking.create(new NewRun(
                            Experiment.DEFAULT, "n" + random.text(), random.text(), times.get("start_time"), List.of()))
                    .info()
                    .id();
            Map<String, String> params = pairs(random, "p", "q");
            Map<String, String> tags = pairs(random, "t", "u v");
            Map<String, Double> metrics = metrics(random);
            pairs(id, params, tags);
            metrics.forEach((key, value) -> metrics(id, new Metric(key, value, 1, 1)));
            if (random.chance()) {
                times.put("end_time", (long) (i % 4));
                tracking.update(id, RunStatus.FINISHED, times.get("end_time"), null);
            }
            RunInfo info = tracking.get(id).info();
            Map<String, String> texts = Map.of(
                    "run_name",
                    info.name(),
                    "user_id",
                    info.user(),
                    "status",
                    info.status().name());
            rows.put(id, new FilterRow(texts, times, params, tags, metrics));
        }
    }

    private static Map<String, String> pairs(RandomFilter random, String... keys) {
        Map<String, String> pairs = new HashMap<>();
        for (String key : keys) {
            if (random.chance()) {
                pairs.put(key, random.text());
            }
        }
        return pairs;
    }

    private static Map<String, Double> metrics(RandomFilter random) {
        Map<String, Double> metrics = new HashMap<>();
        for (String key : List.of("m", "n")) {
            if (random.chance()) {
                metrics.put(key, random.chance() ? random.number() : random.chance() ? Double.NaN : -1.0);
            }
        }
        return metrics;
    }

    @Test
    void filtersAtRandomFindWhatAPlainReadingFinds() {
        RandomFilter random = new RandomFilter(SEED);
        runs(random);
        int found = 0;
        for (int i = 0; i < FILTERS; i++) {
            Condition condition = random.next();
            String filter = random.written(condition);
            TreeSet<String> expected = new TreeSet<>();
            rows.forEach((id, row) -> {
                if (row.isFoundBy(condition)) {
                    expected.add(id);
                }
            });
            assertThat(new TreeSet<>(ids(filter))).as(filter).isEqualTo(expected);
            found += expected.isEmpty() || expected.size() == ROWS ? 0 : 1;
        }
        // Most filters must tell runs from others, or the test would prove little.
        assertThat(found).isGreaterThan(FILTERS / 2);
    }

    @Test
    void eachRunIsFoundByAConditionOrByItsNot() {
        RandomFilter random = new RandomFilter(SEED + 1);
        runs(random);
        for (int i = 0; i < FILTERS / 4; i++) {
            String filter = random.written(random.next());
            List<String> both = new ArrayList<>(ids(filter));
            both.addAll(ids("NOT (" + filter + ")"));
            assertThat(both).as(filter).containsExactlyInAnyOrderElementsOf(rows.keySet());
        }
    }

    @Test
    void whatIsWrittenIsReadBack() {
        RandomFilter random = new RandomFilter(SEED + 2);
        for (int i = 0; i < FILTERS; i++) {
            String filter = random.written(random.next());
            Condition read = FilterParser.parse(filter);
            assertThat(FilterParser.parse(random.written(read)))
                    .as(filter)
                    .usingRecursiveComparison()
                    .ignoringFieldsMatchingRegexes(".*place")
                    .isEqualTo(read);
        }
    }

    private List<String> ids(String filter) {
        return tracking
                .search(new SearchRequest(filter, List.of(), View.ACTIVE_ONLY, 100, null), List.of(Experiment.DEFAULT))
                .items()
                .stream()
                .map(run -> run.info().id())
                .toList();
    }
}
