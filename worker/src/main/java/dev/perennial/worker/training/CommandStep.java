package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.Train;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Trains with a program of the user. It finds the rows it may learn from in the folder {@code PERENNIAL_SNAPSHOT} ({@code rows.parquet}, with
 * the columns of a snapshot, and {@code snapshot.json}) and a number in {@code PERENNIAL_SEED}, and writes {@code model.onnx} or {@code
 * model.json} and {@code model.perennial.json} (format, signature, categories) into the folder {@code PERENNIAL_OUTPUT}. What the platform
 * knows better (snapshot, cut-off, label rate) it adds to the manifest itself. Parameters: as {@link TrainStep}, and {@code folder} (where
 * the program is started), {@code timeLimitMillis}.
 */
public final class CommandStep implements StepHandler {
    private static final Duration TIME_LIMIT = Duration.ofMinutes(30);
    private static final List<String> INHERITED =
            List.of("PATH", "HOME", "LANG", "LC_ALL", "TZ", "PERENNIAL_PYTHON", "LD_LIBRARY_PATH");
    private static final List<String> MODEL_FILES = List.of("model.onnx", "model.json");

    private final ModelLoader loader;

    public CommandStep(ModelLoader loader) {
        this.loader = loader;
    }

    @Override
    public String kind() {
        return "command";
    }

    @Override
    public StepOutput run(StepInput input) throws IOException {
        JsonNode parameters = input.parameters();
        Train train = Json.convert(Parameters.required(parameters, "train"), Train.class);
        List<String> command = train.command();
        if (command == null || command.isEmpty()) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG, "parameter 'train.command' is empty: give a program and its arguments");
        }
        if (train.labelNoise() > 0) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG,
                    "label noise is possible with the built-in trainer only, not with a command");
        }
        List<FeatureType> features = Parameters.features(parameters);
        TrainingClip clip = TrainingClip.of(Parameters.required(parameters, "clip"), train.rowsDays());
        long seed = parameters.hasNonNull("seed") ? parameters.get("seed").asLong() : train.seed();

        Path staging = input.staging().toRealPath();
        Path snapshot = Files.createDirectories(staging.resolve("snapshot"));
        Path output = Files.createDirectories(staging.resolve("output"));
        input.progress().report(0, "writing the rows to learn from");
        new SnapshotExport(Parameters.parts(input), features, staging.resolve("tmp")).write(snapshot, clip);
        SnapshotRows rows = new SnapshotReader(
                        List.of(snapshot.resolve(SnapshotExport.ROWS)), features, staging.resolve("tmp"))
                .read(Long.MIN_VALUE, Long.MAX_VALUE);
        TrainingSet set = TrainingSet.of(rows, clip, 0, seed);

        Path folder = parameters.hasNonNull("folder")
                ? Path.of(parameters.get("folder").asText())
                : staging;
        Duration limit = Duration.ofMillis(parameters.path("timeLimitMillis").asLong(TIME_LIMIT.toMillis()));
        Map<String, String> environment = environment(staging, snapshot, output, seed);
        long cpuMillis = new UserProgram(
                        command, folder, environment, staging.resolve("stdout.log"), staging.resolve("stderr.log"))
                .run(limit, line -> input.progress().report(0.5, line));
        input.progress().report(0.9, "checking the model");
        String model = complete(output, new ManifestDraft(parameters, train, seed, clip, set), features);
        return new StepOutput(
                Map.of(
                        "rows",
                        Json.tree(set.size()),
                        "prior",
                        Json.tree(set.prior()),
                        "cpuMillis",
                        Json.tree(cpuMillis)),
                Map.of(
                        "model", Path.of("output", model),
                        "manifest", Path.of("output", TrainStep.MANIFEST),
                        "stdout", Path.of("stdout.log"),
                        "stderr", Path.of("stderr.log")));
    }

    private static Map<String, String> environment(Path staging, Path snapshot, Path output, long seed)
            throws IOException {
        Map<String, String> environment = new HashMap<>();
        for (String name : INHERITED) {
            String value = System.getenv(name);
            if (value != null) {
                environment.put(name, value);
            }
        }
        environment.put(
                "TMPDIR", Files.createDirectories(staging.resolve("tmp")).toString());
        environment.put("PERENNIAL_SNAPSHOT", snapshot.toString());
        environment.put("PERENNIAL_OUTPUT", output.toString());
        environment.put("PERENNIAL_SEED", Long.toString(seed));
        return environment;
    }

    /** Adds to the manifest what the platform knows, and proves that the model can be loaded and scores a row. */
    private String complete(Path output, ManifestDraft draft, List<FeatureType> features) throws IOException {
        String model = MODEL_FILES.stream()
                .filter(name -> Files.isRegularFile(output.resolve(name)))
                .findFirst()
                .orElseThrow(() -> missing("model.onnx or model.json"));
        Path file = output.resolve(TrainStep.MANIFEST);
        if (!Files.isRegularFile(file)) {
            throw missing(TrainStep.MANIFEST);
        }
        try {
            ObjectNode manifest = draft.completed(Json.parse(Files.readAllBytes(file)));
            Files.writeString(file, Json.canonical(manifest));
            try (LoadedModel loaded = LoadedModel.load(loader, "trained model", file, output.resolve(model))) {
                checkSignature(loaded, features);
                SnapshotRows first =
                        draft.set().rows().select(new int[] {draft.set().chosen()[0]});
                manifest.set("inputExample", first.values(0, loaded.features()));
                manifest.put("outputExample", loaded.score(first)[0]);
            }
            Files.writeString(file, Json.canonical(manifest));
            return model;
        } catch (PerennialException e) {
            throw new StepFailure(StepFailure.Kind.CONTRACT, TrainStep.MANIFEST + " of the command: " + e.getMessage());
        }
    }

    private static void checkSignature(LoadedModel model, List<FeatureType> features) {
        for (FeatureType feature : model.features()) {
            if (!features.contains(feature)) {
                throw new StepFailure(
                        StepFailure.Kind.CONTRACT,
                        "the model asks for '" + feature.name() + "' ("
                                + feature.type().word() + "), which is no feature of the lifecycle file");
            }
        }
    }

    private static StepFailure missing(String what) {
        return new StepFailure(
                StepFailure.Kind.CONTRACT,
                "the command ended well but wrote no " + what + " into the folder PERENNIAL_OUTPUT");
    }
}
