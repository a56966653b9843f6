package dev.perennial.worker.training;

import dev.perennial.lifecycle.file.Train;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.worker.StepHandler.StepInput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Scores every row with the model that an arm would have served it with. */
record ArmScores(
        ModelLoader loader, GradientBoosting boosting, StepInput input, List<FeatureType> features, Train declared) {

    /** NaN for rows before {@code from}. */
    double[] of(Arm arm, SnapshotRows rows, long from) throws IOException {
        double[] scores = new double[rows.size()];
        Arrays.fill(scores, Double.NaN);
        for (Arm.Given given : arm.models()) {
            try (LoadedModel model = LoadedModel.load(
                    loader,
                    given.input(),
                    Parameters.file(input, given.input() + ".manifest"),
                    Parameters.file(input, given.input() + ".model"))) {
                int[] served = rows.where(row -> rows.eventTime(row) >= Math.max(from, given.from()));
                put(scores, served, model.score(rows.select(served)));
            }
        }
        for (int i = 0; i < arm.retrainAt().size(); i++) {
            long at = arm.retrainAt().get(i);
            long until = i + 1 < arm.retrainAt().size() ? arm.retrainAt().get(i + 1) : Long.MAX_VALUE;
            int[] served = rows.where(row -> rows.eventTime(row) >= Math.max(from, at) && rows.eventTime(row) < until);
            put(scores, served, retrained(arm, rows, at, served));
        }
        return scores;
    }

    private double[] retrained(Arm arm, SnapshotRows rows, long at, int[] served) {
        Train train = arm.train(declared);
        TrainingClip clip = TrainingClip.until(at, train.rowsDays());
        TrainingSet set = TrainingSet.of(rows, clip, 0, train.seed());
        Encoding encoding = Encoding.learn(features, rows, set.chosen());
        BoostingSettings settings = BoostingSettings.of(train.parameters(), train.seed());
        GradientBoosting.Trained trained =
                boosting.train(settings, encoding, encoding.matrix(rows, set.chosen()), set.labels(), trees -> {});
        return boosting.predict(trained.model(), encoding, encoding.matrix(rows, served));
    }

    private static void put(double[] scores, int[] rows, double[] given) {
        for (int i = 0; i < rows.length; i++) {
            scores[rows[i]] = given[i];
        }
    }
}
