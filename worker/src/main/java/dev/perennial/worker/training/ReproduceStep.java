package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.worker.StepHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;

/**
 * Compares a model with the one that was rebuilt from its lineage. Inputs: {@code original.model}, {@code original.manifest}, {@code
 * rebuilt.model}, {@code rebuilt.manifest}, snapshot parts; parameter {@code bound} (default 1e-6). Value {@code comparison}: {@code
 * verdict} IDENTICAL (the same bytes), EQUAL (no score of the snapshot's rows differs by more than {@code bound}) or DIFFERENT; {@code
 * rows}, {@code maxDifference}, {@code differing}; {@code where}: what the two manifests say differently, and the rows that differ most.
 */
public final class ReproduceStep implements StepHandler {
    /** What a comparison comes to. */
    enum Verdict {
        IDENTICAL,
        EQUAL,
        DIFFERENT
    }

    private static final double BOUND = 1e-6;
    private static final int ROWS_SHOWN = 3;

    private final ModelLoader loader;

    public ReproduceStep(ModelLoader loader) {
        this.loader = loader;
    }

    @Override
    public String kind() {
        return "reproduce";
    }

    @Override
    public StepOutput run(StepInput input) throws IOException {
        ObjectNode comparison = Json.object();
        ArrayNode where = Json.array();
        compareManifests(where, "", manifest(input, "original"), manifest(input, "rebuilt"));
        Digest original = Digest.ofFile(Parameters.file(input, "original.model"));
        Digest rebuilt = Digest.ofFile(Parameters.file(input, "rebuilt.model"));
        comparison.put("original", original.hex()).put("rebuilt", rebuilt.hex());
        if (original.equals(rebuilt)) {
            comparison
                    .put("verdict", Verdict.IDENTICAL.name())
                    .put("rows", 0)
                    .put("differing", 0)
                    .put("maxDifference", 0.0);
        } else {
            compareScores(input, comparison, where);
        }
        comparison.set("where", where);
        return new StepOutput(Map.of("comparison", comparison), Map.of());
    }

    private void compareScores(StepInput input, ObjectNode comparison, ArrayNode where) throws IOException {
        double bound = input.parameters().path("bound").asDouble(BOUND);
        try (LoadedModel original = load(input, "original");
                LoadedModel rebuilt = load(input, "rebuilt")) {
            if (!original.features().equals(rebuilt.features())) {
                comparison.put("verdict", Verdict.DIFFERENT.name());
                where.add("the two models take different features");
                return;
            }
            SnapshotRows rows = SnapshotReader.of(input, original.features()).read(Long.MIN_VALUE, Long.MAX_VALUE);
            double[] first = original.score(rows);
            double[] second = rebuilt.score(rows);
            double[] differences = new double[rows.size()];
            Arrays.setAll(differences, row -> Math.abs(first[row] - second[row]));
            double largest = Arrays.stream(differences).max().orElse(0);
            comparison.put("verdict", (largest <= bound ? Verdict.EQUAL : Verdict.DIFFERENT).name());
            comparison.put("bound", bound).put("rows", rows.size()).put("maxDifference", largest);
            comparison.put(
                    "differing",
                    Arrays.stream(differences)
                            .filter(difference -> difference > bound)
                            .count());
            if (largest > bound) {
                Arrays.stream(rows.where(row -> differences[row] > bound))
                        .boxed()
                        .sorted((a, b) -> Double.compare(differences[b], differences[a]))
                        .limit(ROWS_SHOWN)
                        .forEach(row -> where.add("row " + rows.key(row) + ": " + first[row] + " and " + second[row]));
            }
        }
    }

    private LoadedModel load(StepInput input, String role) throws IOException {
        return LoadedModel.load(
                loader,
                role + " model",
                Parameters.file(input, role + ".manifest"),
                Parameters.file(input, role + ".model"));
    }

    private static JsonNode manifest(StepInput input, String role) throws IOException {
        Path file = Parameters.file(input, role + ".manifest");
        return Json.parse(Files.readAllBytes(file));
    }

    /** Every member that differs, by its path. */
    private static void compareManifests(ArrayNode where, String path, JsonNode original, JsonNode rebuilt) {
        if (original.isObject() && rebuilt.isObject()) {
            TreeSet<String> names = new TreeSet<>();
            original.fieldNames().forEachRemaining(names::add);
            rebuilt.fieldNames().forEachRemaining(names::add);
            names.forEach(name -> compareManifests(where, path + "/" + name, original.path(name), rebuilt.path(name)));
        } else if (!original.equals(rebuilt)) {
            where.add("manifest " + path + ": " + told(original) + " and " + told(rebuilt));
        }
    }

    private static String told(JsonNode value) {
        return value.isMissingNode() ? "nothing" : value.toString();
    }
}
