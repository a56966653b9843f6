package dev.perennial.server.mlflow;

import dev.perennial.server.mlflow.PlainJson.NotPlain;
import dev.perennial.tracking.Batch;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.Metric;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The body of a log-batch as clients usually send it, read from its bytes: metrics of key, value, timestamp and step, with numbers as
 * numbers. Everything else, right or wrong, is left to {@link Fields}, which also makes the refusals; so this reader knows no errors.
 */
final class PlainBatch {
    private static final byte[][] BATCH = names("run_id", "metrics", "params", "tags");
    private static final byte[][] METRIC = names("key", "value", "timestamp", "step");
    private static final byte[][] PAIR = names("key", "value");

    private final PlainJson json;
    private String run = "";
    private final List<Metric> metrics = new ArrayList<>();
    private final List<KeyValue> params = new ArrayList<>();
    private final List<KeyValue> tags = new ArrayList<>();

    private PlainBatch(PlainJson json) {
        this.json = json;
    }

    private static byte[][] names(String... names) {
        byte[][] bytes = new byte[names.length][];
        for (int i = 0; i < names.length; i++) {
            bytes[i] = names[i].getBytes(StandardCharsets.US_ASCII);
        }
        return bytes;
    }

    /** What the body says; empty when it is not plain. */
    static Optional<PlainBatch> of(byte[] body) {
        PlainBatch batch = new PlainBatch(new PlainJson(body));
        try {
            batch.read();
            return Optional.of(batch);
        } catch (NotPlain e) {
            // The other reader takes it, or says what is wrong, and where.
            return Optional.empty();
        }
    }

    String run() {
        return run;
    }

    /** The batch, checked as any other. */
    Batch batch() {
        return new Batch(metrics, params, tags);
    }

    private void read() throws NotPlain {
        members(BATCH, this::member);
        json.end();
        if (!Fields.isRunId(run)) {
            throw new NotPlain();
        }
    }

    /** Reads the value of a member, or an item of a list. */
    @FunctionalInterface
    private interface Part {
        void read(int index) throws NotPlain;
    }

    /** Reads an object whose members have these names, each at most once; returns how many there were. */
    private int members(byte[][] names, Part value) throws NotPlain {
        json.mark('{');
        int seen = 0;
        if (!json.took('}')) {
            do {
                int index = json.name(names);
                if ((seen & 1 << index) != 0) {
                    throw new NotPlain();
                }
                seen |= 1 << index;
                value.read(index);
            } while (json.took(','));
            json.mark('}');
        }
        return Integer.bitCount(seen);
    }

    private void member(int index) throws NotPlain {
        switch (index) {
            case 0 -> run = json.text();
            case 1 -> list(this::metric);
            case 2 -> list(ignored -> pair(params));
            default -> list(ignored -> pair(tags));
        }
    }

    private void list(Part item) throws NotPlain {
        json.mark('[');
        if (!json.took(']')) {
            int index = 0;
            do {
                item.read(index++);
            } while (json.took(','));
            json.mark(']');
        }
    }

    /** Reads a metric into the list. */
    private void metric(int ignored) throws NotPlain {
        Reading reading = new Reading();
        int count = members(METRIC, reading);
        if (count < METRIC.length || reading.key.isEmpty()) {
            throw new NotPlain();
        }
        metrics.add(new Metric(reading.key, reading.value, reading.at, reading.step));
    }

    /** A metric of which some members were read. */
    private final class Reading implements Part {
        private String key = "";
        private double value;
        private long at;
        private long step;

        @Override
        public void read(int index) throws NotPlain {
            switch (index) {
                case 0 -> key = json.text();
                case 1 -> value = json.real();
                case 2 -> at = json.integer();
                default -> step = json.integer();
            }
        }
    }

    private void pair(List<KeyValue> pairs) throws NotPlain {
        String[] texts = {"", ""};
        int count = members(PAIR, index -> texts[index] = json.text());
        if (count < PAIR.length || texts[0].isEmpty()) {
            throw new NotPlain();
        }
        pairs.add(new KeyValue(texts[0], texts[1]));
    }
}
