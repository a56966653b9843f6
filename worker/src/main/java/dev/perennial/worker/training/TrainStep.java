package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.Train;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Trains the built-in model. Parameters: {@code train} (of the lifecycle file), {@code features} (name and type, in model order),
 * {@code clip} ({@code labelKnownBy}, {@code before}, {@code from}, {@code excludedDays}), {@code seed} (default: the file's),
 * {@code snapshot} (digest). Inputs: snapshot parts, named {@code part...}. Files: {@code model.json}, {@code model.perennial.json}.
 */
public final class TrainStep implements StepHandler {
    static final String MODEL = "model.json";
    static final String MANIFEST = "model.perennial.json";
    private static final String TRAINER = "gradient-boosting";
    private static final double SHARE_READ = 0.3;

    private final GradientBoosting boosting;

    public TrainStep(XgboostLibrary library) {
        this.boosting = new GradientBoosting(library);
    }

    @Override
    public String kind() {
        return "train";
    }

    @Override
    public StepOutput run(StepInput input) throws IOException {
        ThreadCpu cpu = ThreadCpu.start();
        JsonNode parameters = input.parameters();
        Train train = Json.convert(Parameters.required(parameters, "train"), Train.class);
        if (!TRAINER.equals(train.trainer())) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG,
                    "trainer '" + train.trainer() + "' is not built in: use " + TRAINER + " or a command");
        }
        long seed = parameters.hasNonNull("seed") ? parameters.get("seed").asLong() : train.seed();
        List<FeatureType> features = Parameters.features(parameters);
        TrainingClip clip = TrainingClip.of(Parameters.required(parameters, "clip"), train.rowsDays());
        BoostingSettings settings = BoostingSettings.of(train.parameters(), seed);

        input.progress().report(0, "reading the snapshot");
        SnapshotRows rows = SnapshotReader.of(input, features).read(clip.from(), clip.before());
        TrainingSet set = TrainingSet.of(rows, clip, train.labelNoise(), seed);
        Encoding encoding = Encoding.learn(features, rows, set.chosen());
        float[] matrix = encoding.matrix(rows, set.chosen());
        input.progress().report(SHARE_READ, set.size() + " rows");
        GradientBoosting.Trained trained = boosting.train(
                settings,
                encoding,
                matrix,
                set.labels(),
                trees -> input.progress()
                        .report(
                                SHARE_READ + (1 - SHARE_READ) * trees / settings.trees(),
                                trees + " of " + settings.trees() + " trees"));
        checkFinite(trained.curve());

        ObjectNode manifest = new ManifestDraft(parameters, train, seed, clip, set).manifest(encoding);
        example(manifest, encoding, trained.model(), matrix, rows, set.chosen()[0]);
        return output(input.staging(), trained, manifest, set, cpu);
    }

    private static void checkFinite(Map<Integer, Double> curve) {
        curve.forEach((trees, loss) -> {
            if (!Double.isFinite(loss)) {
                throw new StepFailure(
                        StepFailure.Kind.CONTRACT,
                        "training diverged: log loss " + loss + " after " + trees + " trees");
            }
        });
    }

    private void example(
            ObjectNode manifest, Encoding encoding, byte[] model, float[] matrix, SnapshotRows rows, int row) {
        manifest.set("inputExample", rows.values(row, encoding.features()));
        float[] first = java.util.Arrays.copyOf(matrix, encoding.features().size());
        manifest.put("outputExample", boosting.predict(model, encoding, first)[0]);
    }

    private static StepOutput output(
            Path staging, GradientBoosting.Trained trained, ObjectNode manifest, TrainingSet set, ThreadCpu cpu)
            throws IOException {
        Files.write(staging.resolve(MODEL), trained.model());
        Files.writeString(staging.resolve(MANIFEST), Json.canonical(manifest));
        ArrayNode curve = Json.array();
        trained.curve()
                .forEach((trees, loss) -> curve.addObject().put("trees", trees).put("logLoss", loss));
        return new StepOutput(
                Map.of(
                        "rows", Json.tree(set.size()),
                        "prior", Json.tree(set.prior()),
                        "trainLogLoss", curve,
                        "importance", Json.tree(trained.importance()),
                        "cpuMillis", Json.tree(cpu.millis())),
                Map.of("model", Path.of(MODEL), "manifest", Path.of(MANIFEST)));
    }
}
