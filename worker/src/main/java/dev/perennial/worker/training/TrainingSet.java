package dev.perennial.worker.training;

import dev.perennial.kernel.Digest;
import dev.perennial.worker.StepFailure;

/** The rows and labels that a model is trained on, after clipping and label noise. */
record TrainingSet(SnapshotRows rows, int[] chosen, float[] labels) {
    private static final int ROWS_MIN = 100;
    private static final int CLASS_ROWS_MIN = 10;
    private static final double UNIT = 0x1.0p-53;

    /**
     * @param labelNoise share of labels to flip; which ones depends on key and seed alone
     */
    static TrainingSet of(SnapshotRows rows, TrainingClip clip, double labelNoise, long seed) {
        int[] chosen = clip.rows(rows);
        float[] labels = new float[chosen.length];
        for (int i = 0; i < chosen.length; i++) {
            int label = rows.label(chosen[i]);
            labels[i] = labelNoise > 0 && draw(rows.key(chosen[i]), seed) < labelNoise ? 1 - label : label;
        }
        TrainingSet set = new TrainingSet(rows, chosen, labels);
        set.check();
        return set;
    }

    int size() {
        return chosen.length;
    }

    int positives() {
        int positives = 0;
        for (float label : labels) {
            positives += (int) label;
        }
        return positives;
    }

    /** Share of rows with label 1. */
    double prior() {
        return (double) positives() / size();
    }

    /** End of what was seen: no event and no label lies after it. */
    long seenUntil(TrainingClip clip) {
        long last = chosen.length == 0 ? Long.MIN_VALUE : rows.eventTime(chosen[chosen.length - 1]) + 1;
        return Math.max(clip.labelKnownBy(), last);
    }

    private void check() {
        int positives = positives();
        if (size() < ROWS_MIN || positives < CLASS_ROWS_MIN || size() - positives < CLASS_ROWS_MIN) {
            throw new StepFailure(
                    StepFailure.Kind.CONTRACT,
                    "not enough to learn from: " + size() + " labelled rows, " + positives + " with label 1 and "
                            + (size() - positives) + " with label 0; at least " + ROWS_MIN + " rows and "
                            + CLASS_ROWS_MIN + " of each label are needed");
        }
    }

    private static double draw(String key, long seed) {
        return (Digest.of("label-noise/" + seed + "/" + key).seed() >>> 11) * UNIT;
    }
}
