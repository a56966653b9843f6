package dev.perennial.worker.training;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelFile;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import dev.perennial.scoring.admission.Admission;
import dev.perennial.scoring.admission.AdmissionEvidence;
import dev.perennial.worker.StepFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A model from its two files, run by the product's own evaluator as a scorer runs it. */
final class LoadedModel implements AutoCloseable {
    private static final int COST_ROWS = 1_000;
    private static final int COST_REPEATS = 5;
    private static final int COST_WARM_UP_ROWS = 5_000;
    private static final int FAILURES_SHOWN = 3;

    private final String role;
    private final Digest digest;
    private final ModelManifest manifest;
    private final TabularModel model;

    private LoadedModel(String role, Digest digest, ModelManifest manifest, TabularModel model) {
        this.role = role;
        this.digest = digest;
        this.manifest = manifest;
        this.model = model;
    }

    /** Loads a model; one that native code reads must survive a process with limits first. */
    static LoadedModel load(ModelLoader loader, String role, Path manifestFile, Path modelFile) throws IOException {
        if (Admission.foreign(manifestFile)) {
            admit(loader, role, manifestFile, modelFile);
        }
        return loadAdmitted(loader, role, manifestFile, modelFile);
    }

    /** Loads a model that was admitted before. */
    static LoadedModel loadAdmitted(ModelLoader loader, String role, Path manifestFile, Path modelFile)
            throws IOException {
        byte[] bytes = Files.readAllBytes(manifestFile);
        try (ModelFile file = ModelFile.open(modelFile)) {
            ModelManifest manifest = ModelManifest.parse(bytes);
            TabularModel model = ModelLoader.tabular(loader.load(manifest, file.bytes()));
            return new LoadedModel(role, Digest.of(bytes), manifest, model);
        } catch (PerennialException | ModelFailure e) {
            throw refused(role, e.getMessage());
        }
    }

    private static void admit(ModelLoader loader, String role, Path manifest, Path model) throws IOException {
        try {
            AdmissionEvidence found = new Admission(loader).admit(manifest, model);
            if (!found.admitted()) {
                throw refused(role, found.reason());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StepFailure(StepFailure.Kind.INFRA, "interrupted while the " + role + " was tried");
        }
    }

    private static StepFailure refused(String role, @Nullable String why) {
        return new StepFailure(StepFailure.Kind.CONTRACT, "the " + role + " cannot be loaded: " + why);
    }

    /** Digest of the manifest: it names the model. */
    Digest digest() {
        return digest;
    }

    ModelManifest manifest() {
        return manifest;
    }

    List<FeatureType> features() {
        return manifest.signature().columns().stream().map(LoadedModel::feature).toList();
    }

    private static FeatureType feature(Column column) {
        return new FeatureType(
                column.name(),
                column.type() == ColumnType.CATEGORY ? FeatureType.Kind.CATEGORY : FeatureType.Kind.NUMBER);
    }

    /** Scores every row; a model that fails on rows of its holdout is no candidate. */
    double[] score(SnapshotRows rows) {
        Rows filler = new Rows(manifest.signature(), rows);
        double[] scores = new double[rows.size()];
        int failed = 0;
        StringBuilder examples = new StringBuilder();
        for (int row = 0; row < scores.length; row++) {
            try {
                scores[row] = model.score(filler.at(row));
            } catch (ModelFailure e) {
                if (failed++ < FAILURES_SHOWN) {
                    examples.append("; ").append(rows.key(row)).append(": ").append(e.getMessage());
                }
            }
        }
        if (failed > 0) {
            throw new StepFailure(
                    StepFailure.Kind.CONTRACT,
                    "the " + role + " failed on " + failed + " of " + scores.length + " rows" + examples);
        }
        return scores;
    }

    /** CPU time of one row in microseconds: warmed up, median of several repeats, without the time that fills the row. */
    double cpuMicrosPerRow(SnapshotRows rows) {
        Rows filler = new Rows(manifest.signature(), rows);
        Row[] prepared = new Row[Math.min(COST_ROWS, rows.size())];
        for (int i = 0; i < prepared.length; i++) {
            prepared[i] = filler.fresh((int) ((long) i * rows.size() / prepared.length));
        }
        if (prepared.length == 0) {
            return 0;
        }
        for (int scored = 0; scored < COST_WARM_UP_ROWS; scored += prepared.length) {
            scoreAll(prepared);
        }
        double[] micros = new double[COST_REPEATS];
        for (int repeat = 0; repeat < COST_REPEATS; repeat++) {
            ThreadCpu cpu = ThreadCpu.start();
            scoreAll(prepared);
            micros[repeat] = cpu.nanos() / 1e3 / prepared.length;
        }
        Arrays.sort(micros);
        return micros[COST_REPEATS / 2];
    }

    private void scoreAll(Row[] rows) {
        for (Row row : rows) {
            model.score(row);
        }
    }

    @Override
    public void close() {
        model.close();
    }

    /** Copies rows of a snapshot into the rows of a signature. */
    private static final class Rows {
        private final FeatureColumn[] columns;
        private final Row row;

        Rows(Signature signature, SnapshotRows rows) {
            columns = signature.columns().stream()
                    .map(column -> rows.feature(column.name()))
                    .toArray(FeatureColumn[]::new);
            row = new Row(columns.length);
        }

        /** One and the same row, filled again. */
        Row at(int number) {
            return fill(row, number);
        }

        Row fresh(int number) {
            return fill(new Row(columns.length), number);
        }

        private Row fill(Row target, int number) {
            for (int i = 0; i < columns.length; i++) {
                switch (columns[i]) {
                    case FeatureColumn.Numbers numbers -> target.number(i, numbers.values()[number]);
                    case FeatureColumn.Texts texts -> target.text(i, texts.text(number));
                }
            }
            return target;
        }
    }
}
