package dev.perennial.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.TabularModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scorer's tree evaluator against the library that made the trees. */
class EvaluatorEqualsLibraryTest {
    private static final double BOUND = 1e-6;

    @TempDir
    Path folder;

    @Test
    void scoresAMonthOfFlightsAsTheLibraryDoesWithMissingAndUnseenValues() throws Exception {
        Map<String, Path> parts = Steps.named(FlightParts.write(folder, 1, 2, 4));
        Steps.run(
                new TrainStep(Steps.library(folder)),
                Steps.train(FlightParts.features(), Steps.six("2013-02-11")),
                parts,
                folder.resolve("model"));
        byte[] file = Files.readAllBytes(folder.resolve("model/model.json"));
        byte[] manifestBytes = Files.readAllBytes(folder.resolve("model/model.perennial.json"));
        ModelManifest manifest = ModelManifest.parse(manifestBytes);

        Path july = Files.createDirectory(folder.resolve("july"));
        List<Path> month = FlightParts.write(july, 7, 7, 1);
        try (TabularModel model = new ModelLoader(folder.resolve("natives")).loadTabular(manifestBytes, file)) {
            List<FeatureType> features = features(manifest);
            SnapshotRows rows = withHoles(
                    new SnapshotReader(month, features, folder.resolve("tmp")).read(Long.MIN_VALUE, Long.MAX_VALUE));
            Encoding encoding = new Encoding(features, manifest.categories());
            double[] expected = new GradientBoosting(Steps.library(folder))
                    .predict(
                            file,
                            encoding,
                            encoding.matrix(
                                    rows, IntStream.range(0, rows.size()).toArray()));

            assertThat(rows.size()).isGreaterThan(29_000);
            assertThat(unseen(rows, manifest)).isGreaterThan(100);
            for (int row = 0; row < rows.size(); row++) {
                assertThat(model.score(row(manifest, rows, row)))
                        .as(rows.key(row))
                        .isCloseTo(expected[row], offset(BOUND));
            }
        }
    }

    /** Every 7th value of every column is taken away. */
    private static SnapshotRows withHoles(SnapshotRows rows) {
        for (FeatureColumn column : rows.features()) {
            for (int row = column.name().length() % 7; row < rows.size(); row += 7) {
                switch (column) {
                    case FeatureColumn.Numbers numbers -> numbers.values()[row] = Float.NaN;
                    case FeatureColumn.Texts texts -> texts.positions()[row] = -1;
                }
            }
        }
        return rows;
    }

    private static long unseen(SnapshotRows rows, ModelManifest manifest) {
        FeatureColumn.Texts dest = (FeatureColumn.Texts) rows.feature("dest");
        List<String> known = manifest.categories().get("dest");
        return IntStream.range(0, rows.size())
                .mapToObj(dest::text)
                .filter(text -> text != null && !known.contains(text))
                .count();
    }

    private static List<FeatureType> features(ModelManifest manifest) {
        return manifest.signature().columns().stream()
                .map(column -> new FeatureType(
                        column.name(),
                        manifest.categories().containsKey(column.name())
                                ? FeatureType.Kind.CATEGORY
                                : FeatureType.Kind.NUMBER))
                .toList();
    }

    private static Row row(ModelManifest manifest, SnapshotRows rows, int number) {
        Row row = new Row(manifest.signature().size());
        for (int i = 0; i < row.size(); i++) {
            switch (rows.feature(manifest.signature().column(i).name())) {
                case FeatureColumn.Numbers numbers -> row.number(i, numbers.values()[number]);
                case FeatureColumn.Texts texts -> row.text(i, texts.text(number));
            }
        }
        return row;
    }
}
