package dev.perennial.bench;

import com.sun.management.ThreadMXBean;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Signature;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import ml.dmlc.xgboost4j.java.XGBoostError;

/** Heap that loaded models hold, and that loading one takes, beside the size of its file. */
final class ModelMemory {
    private static final int MODELS = 200;
    private static final int LOADS_BEFORE = 20;
    private static final double TIMES_MAX = 2;
    private static final Path LIGHTGBM = Path.of("scoring/src/test/resources/trees/lightgbm-4.7-deep.txt");
    private static final int LIGHTGBM_COLUMNS = 6;

    private ModelMemory() {}

    static void print(TreePeers peers) throws XGBoostError, IOException {
        Table table = new Table(
                MODELS + " models loaded",
                "file, bytes",
                "heap of a model, bytes",
                "times its file",
                "allocated by a load");
        row(table, "XGBoost JSON, 100 trees of depth 6", TreePeers.manifest(ModelManifest.XGBOOST_JSON), peers.file());
        row(table, "XGBoost UBJ, the same", TreePeers.manifest(ModelManifest.XGBOOST_UBJ), peers.ubj());
        try (BenchModel small = new BenchModel(1)) {
            row(table, "XGBoost JSON, 100 trees of 15 leaves, categories", small.manifest(), small.file());
        }
        if (Files.exists(LIGHTGBM)) {
            List<Column> columns = IntStream.range(0, LIGHTGBM_COLUMNS)
                    .mapToObj(c -> Column.number("c" + c))
                    .toList();
            ModelManifest manifest = ModelManifest.of(ModelManifest.LIGHTGBM_TEXT, new Signature(columns), Map.of());
            row(table, "LightGBM text, 3 trees of 150 leaves", manifest, Files.readAllBytes(LIGHTGBM));
        }
        table.print();
    }

    private static void row(Table table, String name, ModelManifest manifest, byte[] file) {
        ModelLoader loader = new ModelLoader(Path.of("native"));
        for (int i = 0; i < LOADS_BEFORE; i++) {
            loader.load(manifest, file).close();
        }
        long allocated = allocated();
        loader.load(manifest, file).close();
        allocated = allocated() - allocated;
        List<Model> models = new ArrayList<>();
        long before = used();
        for (int i = 0; i < MODELS; i++) {
            models.add(loader.load(manifest, file.clone()));
        }
        double heap = (used() - before) / (double) models.size();
        table.row(
                name,
                Integer.toString(file.length),
                Figure.number(heap),
                Figure.number(heap / file.length),
                Figure.number(allocated / (double) file.length) + " times its file");
        Figure.of(
                        "heap of an idle model, " + name,
                        "KiB",
                        heap / 1024,
                        "its file",
                        file.length / 1024.0,
                        "<= 2 times",
                        heap <= TIMES_MAX * file.length)
                .tell();
        models.forEach(Model::close);
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
