package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.gates.Evaluation;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.admission.AdmissionEvidence;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures a candidate against the champion and a constant on rows that neither was trained on. Parameters: {@code holdout} ({@code from},
 * {@code to}, {@code labelKnownBy}, {@code excludedDays}), {@code coverage}, {@code slices}, {@code snapshot} (digest), {@code
 * candidateProven} and {@code championProven} (false for a model from outside, whose training rows are only claimed). Inputs: snapshot parts,
 * {@code candidate.model}, {@code candidate.manifest}, and the same for {@code champion} unless this is the first version. Value: {@code
 * evaluation}.
 */
public final class EvaluateStep implements StepHandler {
    private static final String CANDIDATE = "candidate";
    private static final String CHAMPION = "champion";

    private final ModelLoader loader;

    public EvaluateStep(ModelLoader loader) {
        this.loader = loader;
    }

    @Override
    public String kind() {
        return "evaluate";
    }

    @Override
    public StepOutput run(StepInput input) throws IOException {
        ThreadCpu cpu = ThreadCpu.start();
        Holdout holdout = Holdout.of(input.parameters());
        List<String> slices = new ArrayList<>();
        input.parameters().path("slices").forEach(slice -> slices.add(slice.asText()));
        boolean first = !input.inputs().containsKey(CHAMPION + ".model");
        try (LoadedModel candidate = load(input, CANDIDATE);
                LoadedModel champion = first ? null : load(input, CHAMPION)) {
            List<FeatureType> features = features(candidate, champion, slices);
            input.progress().report(0.1, "reading the holdout");
            SnapshotRows rows = SnapshotReader.of(input, features).read(holdout.from(), holdout.to());
            input.progress().report(0.4, "scoring " + rows.size() + " rows");
            double[] candidateScores = candidate.score(rows);
            double[] championScores = champion == null ? null : champion.score(rows);
            HoldoutSums sums = new HoldoutSums(
                    holdout,
                    rows,
                    slices,
                    candidateScores,
                    championScores,
                    baseline(input, holdout, candidate, champion));
            Map<String, Double> cost = new HashMap<>();
            cost.put(CANDIDATE, candidate.cpuMicrosPerRow(rows));
            if (champion != null) {
                cost.put(CHAMPION, champion.cpuMicrosPerRow(rows));
            }
            Evaluation evaluation = new Evaluation(
                    candidate.digest().hex(),
                    champion == null ? null : champion.digest().hex(),
                    holdout.digest(snapshot(input)).hex(),
                    trainedUntil(
                            candidate,
                            input.parameters().path("candidateProven").asBoolean(true)),
                    champion == null
                            ? null
                            : trainedUntil(
                                    champion,
                                    input.parameters().path("championProven").asBoolean(true)),
                    holdout.from(),
                    holdout.labelKnownBy(),
                    sums.clusters(),
                    sums.withheld(),
                    sums.slices(),
                    cost);
            return new StepOutput(
                    Map.of(
                            "evaluation", Json.tree(evaluation),
                            "rows", Json.tree(rows.size()),
                            "cpuMillis", Json.tree(cpu.millis())),
                    Map.of());
        }
    }

    private LoadedModel load(StepInput input, String role) throws IOException {
        Path manifest = Parameters.file(input, role + ".manifest");
        Path model = Parameters.file(input, role + ".model");
        JsonNode admission = input.parameters().path("admission");
        if (!role.equals(CANDIDATE) || admission.isMissingNode()) {
            return LoadedModel.load(loader, role, manifest, model);
        }
        if (!admission.path("verdict").asText().equals(AdmissionEvidence.ADMITTED)) {
            throw new StepFailure(
                    StepFailure.Kind.CONTRACT,
                    "the candidate is refused: " + admission.path("reason").asText());
        }
        return LoadedModel.loadAdmitted(loader, role, manifest, model);
    }

    /** What a manifest claims is believed for models that were trained here: their clip was ours, and a snapshot stands behind it. */
    private static @Nullable Long trainedUntil(LoadedModel model, boolean proven) {
        return proven && model.manifest().snapshot() != null ? model.manifest().trainedLabelKnownBy() : null;
    }

    private static List<FeatureType> features(
            LoadedModel candidate, @Nullable LoadedModel champion, List<String> slices) {
        Map<String, FeatureType> features = new LinkedHashMap<>();
        List<FeatureType> wanted = new ArrayList<>(candidate.features());
        if (champion != null) {
            wanted.addAll(champion.features());
        }
        for (FeatureType feature : wanted) {
            FeatureType other = features.putIfAbsent(feature.name(), feature);
            if (other != null && other.type() != feature.type()) {
                throw new StepFailure(
                        StepFailure.Kind.CONTRACT,
                        "feature '" + feature.name() + "' is a " + other.type().word() + " of the candidate and a "
                                + feature.type().word() + " of the champion: give it another name");
            }
        }
        slices.forEach(slice -> features.putIfAbsent(slice, new FeatureType(slice, FeatureType.Kind.CATEGORY)));
        return List.copyOf(features.values());
    }

    /** The label rate of the candidate's training rows; for a model that does not tell it, the champion's, then that of older rows. */
    private static double baseline(
            StepInput input, Holdout holdout, LoadedModel candidate, @Nullable LoadedModel champion) {
        Double prior = candidate.manifest().prior();
        if (prior == null && champion != null) {
            prior = champion.manifest().prior();
        }
        return prior != null ? prior : olderRate(input, holdout);
    }

    private static double olderRate(StepInput input, Holdout holdout) {
        SnapshotRows older = SnapshotReader.of(input, List.of()).read(Long.MIN_VALUE, holdout.from());
        int[] labelled = older.where(row -> older.labelledBy(row, holdout.from()));
        if (labelled.length == 0) {
            throw new StepFailure(
                    StepFailure.Kind.CONTRACT,
                    "no baseline: neither model tells the label rate of its training rows, and the snapshot has no labelled row before the"
                            + " holdout");
        }
        return java.util.Arrays.stream(labelled).map(older::label).average().orElseThrow();
    }

    private static String snapshot(StepInput input) {
        JsonNode snapshot = input.parameters().path("snapshot");
        return snapshot.isTextual()
                ? snapshot.asText()
                : Json.digest(Parameters.parts(input).stream()
                                .map(Digest::ofFile)
                                .map(Digest::hex)
                                .toList())
                        .hex();
    }
}
