package dev.perennial.tracking;

import dev.perennial.kernel.PerennialException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a client logs at once. All of it is checked here, before anything is written. */
public record Batch(List<Metric> metrics, List<KeyValue> params, List<KeyValue> tags) {
    public static final int METRICS_MAX = 1000;
    public static final int PARAMS_MAX = 100;
    public static final int TAGS_MAX = 100;
    public static final int ENTRIES_MAX = 1000;

    public Batch {
        atMost("metrics", metrics.size(), METRICS_MAX);
        atMost("params", params.size(), PARAMS_MAX);
        atMost("tags", tags.size(), TAGS_MAX);
        atMost("metrics, params and tags", metrics.size() + params.size() + tags.size(), ENTRIES_MAX);
        metrics = List.copyOf(metrics);
        params = params.stream().map(Names::param).toList();
        tags = tags.stream().map(Names::runTag).toList();
        for (int i = 0; i < metrics.size(); i++) {
            Names.metric(i, metrics.get(i));
        }
        for (int i = 0; i < params.size(); i++) {
            Names.key("params[" + i + "].key", params.get(i).key());
        }
        for (int i = 0; i < tags.size(); i++) {
            Names.key("tags[" + i + "].key", tags.get(i).key());
        }
        noDuplicates(params);
    }

    private static void atMost(String what, int count, int max) {
        if (count > max) {
            throw PerennialException.invalid(
                    what,
                    "A batch logging request can contain at most " + max + " " + what + ". Got " + count + " " + what
                            + ".");
        }
    }

    private static void noDuplicates(List<KeyValue> params) {
        Set<String> seen = new HashSet<>();
        for (KeyValue param : params) {
            if (!seen.add(param.key())) {
                throw PerennialException.invalid(
                        "params",
                        "Duplicate parameter keys have been submitted: '" + param.key()
                                + "' occurs more than once in one batch");
            }
        }
    }
}
