package dev.perennial.server.mlflow;

import dev.perennial.tracking.Batch;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The body of a log-batch as clients usually send it, read in one pass over its bytes: ASCII texts without escapes, metrics of key, value,
 * timestamp and step. Cost: a tenth of what a tree of nodes costs. Everything else, right or wrong, is left to {@link Fields}, which also
 * makes the refusals; so this reader knows no errors.
 */
final class PlainBatch {
    private static final int KEY = 1;
    private static final int VALUE = 2;
    private static final int TIMESTAMP = 4;
    private static final int STEP = 8;
    private static final int METRIC = KEY | VALUE | TIMESTAMP | STEP;
    private static final int PAIR = KEY | VALUE;

    private final PlainJson json;
    private String run = "";
    private final List<Metric> metrics = new ArrayList<>();
    private final List<KeyValue> params = new ArrayList<>();
    private final List<KeyValue> tags = new ArrayList<>();

    private PlainBatch(byte[] body) {
        this.json = new PlainJson(body);
    }

    /** What the body says; empty when it is not plain. */
    static Optional<PlainBatch> of(byte[] body) {
        PlainBatch batch = new PlainBatch(body);
        return batch.read() ? Optional.of(batch) : Optional.empty();
    }

    String run() {
        return run;
    }

    /** The batch, checked as any other. */
    Batch batch() {
        return new Batch(metrics, params, tags);
    }

    private boolean read() {
        boolean members = json.take('{');
        int seen = 0;
        while (members) {
            String name = json.name();
            int bit = bit(name, "run_id", "metrics", "params", "tags");
            if (bit == 0 || (seen & bit) != 0 || !member(name)) {
                return false;
            }
            seen |= bit;
            members = json.take(',');
        }
        return json.take('}') && json.ended() && Fields.isRunId(run);
    }

    private boolean member(String name) {
        return switch (name) {
            case "run_id" -> {
                run = json.text();
                yield json.good();
            }
            case "metrics" -> list(this::metric);
            case "params" -> list(() -> pair(params));
            default -> list(() -> pair(tags));
        };
    }

    /** The place of a name among four as a bit; 0 when it is none of them. */
    private static int bit(String name, String first, String second, String third, String fourth) {
        if (name.equals(first)) {
            return KEY;
        }
        if (name.equals(second)) {
            return VALUE;
        }
        if (name.equals(third)) {
            return TIMESTAMP;
        }
        return name.equals(fourth) ? STEP : 0;
    }

    /** Reads one item. */
    @FunctionalInterface
    private interface Item {
        boolean read();
    }

    private boolean list(Item item) {
        if (!json.take('[')) {
            return false;
        }
        if (json.take(']')) {
            return true;
        }
        do {
            if (!item.read()) {
                return false;
            }
        } while (json.take(','));
        return json.take(']');
    }

    private boolean metric() {
        String key = "";
        double value = 0;
        long at = 0;
        long step = 0;
        int seen = 0;
        if (!json.take('{')) {
            return false;
        }
        do {
            int bit = bit(json.name(), "key", "value", "timestamp", "step");
            if ((seen & bit) != 0) {
                return false;
            }
            seen |= bit;
            switch (bit) {
                case KEY -> key = json.text();
                case VALUE -> value = json.real();
                case TIMESTAMP -> at = json.whole();
                case STEP -> step = json.whole();
                default -> {
                    return false;
                }
            }
        } while (json.good() && json.take(','));
        metrics.add(new Metric(key, value, at, step));
        return seen == METRIC && !key.isEmpty() && json.take('}');
    }

    private boolean pair(List<KeyValue> pairs) {
        String key = "";
        String value = "";
        int seen = 0;
        if (!json.take('{')) {
            return false;
        }
        do {
            int bit = bit(json.name(), "key", "value", "timestamp", "step");
            if ((seen & bit) != 0) {
                return false;
            }
            seen |= bit;
            switch (bit) {
                case KEY -> key = json.text();
                case VALUE -> value = json.text();
                default -> {
                    return false;
                }
            }
        } while (json.good() && json.take(','));
        pairs.add(new KeyValue(key, value));
        return seen == PAIR && !key.isEmpty() && json.take('}');
    }
}
