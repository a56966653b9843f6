package dev.perennial.features;

import dev.perennial.lifecycle.file.Features.Latest;
import dev.perennial.lifecycle.file.Features.Output;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The newest known row of a key, not older than the age limit. Keeps the rows of one age limit; newest last. */
final class LatestOperator implements Operator {
    private final Latest latest;
    private final List<Output> outputs;
    private final int[] positions;
    private final boolean happened;
    private final Map<Object, List<Known>> byKey = new HashMap<>();

    private record Known(long at, SourceRow row) {
        boolean newerThan(Known other) {
            return at != other.at ? at > other.at : SourceRow.compareIdentity(row, other.row) >= 0;
        }
    }

    /**
     * @param outputs those of {@code latest} that share a row
     * @param positions of the outputs among the features
     * @param happened whether a null value means that the row is no candidate yet
     */
    LatestOperator(Latest latest, List<Output> outputs, int[] positions, boolean happened) {
        this.latest = latest;
        this.outputs = outputs;
        this.positions = positions;
        this.happened = happened;
    }

    @Override
    public String source() {
        return latest.from();
    }

    @Override
    public String column() {
        return outputs.getFirst().column();
    }

    @Override
    public void arrive(SourceRow row, long knownAt) {
        Object key = row.value(latest.by());
        if (key == null || (happened && row.value(column()) == null)) {
            return;
        }
        List<Known> rows = byKey.computeIfAbsent(key, unused -> new ArrayList<>(2));
        Known known = new Known(knownAt, row);
        int place = rows.size();
        while (place > 0 && !known.newerThan(rows.get(place - 1))) {
            place--;
        }
        rows.add(place, known);
    }

    @Override
    public void features(SourceRow base, long t, @Nullable Object[] features) {
        Object key = base.value(latest.by());
        List<Known> rows = key == null ? null : byKey.get(key);
        if (rows == null) {
            return;
        }
        int newest = rows.size() - 1;
        while (newest >= 0 && rows.get(newest).at > t) {
            newest--;
        }
        if (newest < 0 || rows.get(newest).at < t - latest.maxAgeMillis()) {
            return;
        }
        SourceRow row = rows.get(newest).row;
        for (int i = 0; i < positions.length; i++) {
            Output output = outputs.get(i);
            Object value = row.value(output.column());
            features[positions[i]] =
                    FeatureEngine.feature(value == null ? latest.whenNull().get(output.as()) : value);
        }
    }

    @Override
    public long held() {
        return byKey.values().stream().mapToLong(List::size).sum();
    }

    @Override
    public void forgetBefore(long time) {
        byKey.values().removeIf(rows -> {
            rows.removeIf(known -> known.at < time - latest.maxAgeMillis());
            return rows.isEmpty();
        });
    }
}
