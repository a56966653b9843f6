package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.Train;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.worker.StepHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Computes what policies without gates would have cost over a range that is known: never retrain, retrain blindly on a schedule, any fixed
 * set of models. Parameters: {@code features}, {@code train}, {@code from} and {@code to} (event times that are judged), {@code
 * labelKnownBy}, {@code arms} (see {@link Arm}; the others are compared with the first). Inputs: snapshot parts, and {@code
 * NAME.model}, {@code NAME.manifest} of every model that an arm names. File {@code arms}: sums for each day. Values: {@code arms} (the
 * table by month), {@code rows}, {@code cpuMillis}.
 */
public final class BlindStep implements StepHandler {
    private static final String FILE = "arms.json";

    private final ModelLoader loader;
    private final GradientBoosting boosting;

    public BlindStep(ModelLoader loader, XgboostLibrary library) {
        this.loader = loader;
        this.boosting = new GradientBoosting(library);
    }

    @Override
    public String kind() {
        return "blind";
    }

    @Override
    public StepOutput run(StepInput input) throws IOException {
        ThreadCpu cpu = ThreadCpu.start();
        JsonNode parameters = input.parameters();
        List<FeatureType> features = Parameters.features(parameters);
        long from = Parameters.millis(parameters, "from");
        long labelKnownBy = Parameters.millis(parameters, "labelKnownBy");
        List<Arm> arms = new ArrayList<>();
        Parameters.required(parameters, "arms").forEach(arm -> arms.add(Arm.of(arm)));
        Train declared = Json.convert(Parameters.required(parameters, "train"), Train.class);

        input.progress().report(0, "reading the snapshot");
        SnapshotRows rows =
                SnapshotReader.of(input, features).read(Long.MIN_VALUE, Parameters.millis(parameters, "to"));
        int[] judged = rows.where(row -> rows.eventTime(row) >= from && rows.labelledBy(row, labelKnownBy));
        ArrayNode tables = Json.array();
        ArrayNode days = Json.array();
        double[] reference = new double[0];
        for (Arm arm : arms) {
            input.progress().report((double) (1 + tables.size()) / (1 + arms.size()), "arm '" + arm.name() + "'");
            ThreadCpu armCpu = ThreadCpu.start();
            double[] scores = new ArmScores(loader, boosting, input, features, declared).of(arm, rows, from);
            reference = tables.isEmpty() ? scores : reference;
            MonthTable table = new MonthTable(rows, judged, arms.getFirst().name(), reference);
            ObjectNode told = tables.addObject().put("name", arm.name());
            told.put("trainings", arm.retrainAt().size()).put("cpuMillis", armCpu.millis());
            told.set("months", table.of(arm.name(), scores));
            days.addObject().put("name", arm.name()).set("days", table.days(scores));
        }
        Files.writeString(
                input.staging().resolve(FILE), Json.canonical(Json.object().set("arms", days)));
        return new StepOutput(
                Map.of("arms", tables, "rows", Json.tree(judged.length), "cpuMillis", Json.tree(cpu.millis())),
                Map.of("arms", Path.of(FILE)));
    }
}
