package dev.perennial.scorer.serving;

import dev.perennial.predictionlog.Kept;
import dev.perennial.predictionlog.LogColumn;
import dev.perennial.predictionlog.LogPolicy;
import dev.perennial.predictionlog.LogPolicy.Inputs;
import dev.perennial.predictionlog.LoggedFeatures;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of an endpoint's rows goes into the log: columns that are redacted, or all where only answers are logged, are left out before
 * anything is written; of the champion's rows a share is drawn. Rows of rollouts are logged whatever the share. Immutable.
 */
final class EndpointLog {
    /** Of an endpoint that takes tensors, whose calls are in no log. */
    static final EndpointLog NOTHING = new EndpointLog(null, List.of());

    private final @Nullable LogPolicy policy;
    private final List<LogColumn> columns;
    private final int[] from;

    /** @param policy null when everything is logged */
    EndpointLog(@Nullable LogPolicy policy, List<LogColumn> all) {
        this.policy = policy;
        boolean values = policy == null || policy.inputs() == Inputs.ALL;
        Set<String> hidden = policy == null ? Set.of() : new HashSet<>(policy.redact());
        List<LogColumn> logged = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if (values && !hidden.contains(all.get(i).name())) {
                logged.add(all.get(i));
                positions.add(i);
            }
        }
        this.columns = logged.size() == all.size() ? all : List.copyOf(logged);
        this.from = positions.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Columns that are logged. */
    List<LogColumn> columns() {
        return columns;
    }

    /** Null when everything is logged. */
    @Nullable
    LogPolicy policy() {
        return policy;
    }

    /**
     * What is logged of rows that were answered.
     *
     * @param copied whether shadow variants score these rows too
     * @param split whether a candidate has traffic, so that the champion's control rows are compared with its own
     */
    List<PredictionRecord> kept(List<PredictionRecord> answered, boolean copied, boolean split) {
        if (policy == null) {
            return answered;
        }
        if (policy.inputs() == Inputs.NONE) {
            return List.of();
        }
        List<PredictionRecord> kept = new ArrayList<>(answered.size());
        for (PredictionRecord record : answered) {
            boolean drawn = Kept.drawn(record.id(), policy.share());
            boolean always = copied || ofRollout(record, split);
            if (always || drawn) {
                kept.add(record.with(logged(record.features()), new Kept(always ? 1 : policy.share(), drawn)));
            }
        }
        return kept;
    }

    private static boolean ofRollout(PredictionRecord record, boolean split) {
        return record.role() != Role.CHAMPION || (split && record.answer().control());
    }

    private LoggedFeatures logged(LoggedFeatures all) {
        if (columns.size() == all.columns().size()) {
            return all;
        }
        double[] numbers = new double[from.length];
        @Nullable String[] texts = new @Nullable String[from.length];
        for (int i = 0; i < from.length; i++) {
            numbers[i] = all.number(from[i]);
            texts[i] = all.text(from[i]);
        }
        return new LoggedFeatures(columns, numbers, texts);
    }
}
