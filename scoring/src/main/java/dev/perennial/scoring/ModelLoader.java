package dev.perennial.scoring;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.nio.file.Path;

/**
 * Loads a model from its two files and proves that it is the one that was trained: the manifest's input example must score as it did
 * there. Formats: {@code xgboost-json} (our evaluator), {@code onnx} (ONNX Runtime, loaded on first use) and {@code identity}
 * (gives back what it takes). Thread-safe.
 */
public final class ModelLoader {
    /** Both sides compute in float; more than this is another model. */
    private static final double EXAMPLE_TOLERANCE = 1e-5;

    private static final int MODEL_BYTES_MAX = 256 << 20;

    private final Path natives;
    private final OnnxRuntime onnx;

    /** @param natives folder into which native libraries are unpacked once; shared by all processes of an installation */
    public ModelLoader(Path natives) {
        this.natives = natives;
        this.onnx = new OnnxRuntime(natives);
    }

    /** Folder of the unpacked native libraries. */
    public Path natives() {
        return natives;
    }

    /** @throws PerennialException naming what is wrong with the files */
    public Model load(byte[] manifest, byte[] file) {
        return load(ModelManifest.parse(manifest), file);
    }

    /**
     * Loads a model that gives each row one score.
     *
     * @throws PerennialException also for a model of another kind
     */
    public TabularModel loadTabular(byte[] manifest, byte[] file) {
        Model model = load(manifest, file);
        if (model instanceof TabularModel tabular) {
            return tabular;
        }
        model.close();
        throw PerennialException.invalid(
                "model", "the model gives " + model.schema().outputs() + ", not one score for each row of columns");
    }

    public Model load(ModelManifest manifest, byte[] file) {
        if (file.length > MODEL_BYTES_MAX) {
            throw new PerennialException(
                    ErrorCode.TOO_LARGE,
                    "a model file of " + file.length + " bytes; at most " + MODEL_BYTES_MAX + " are possible");
        }
        Model model = switch (manifest.format()) {
            case ModelManifest.XGBOOST_JSON -> TreeModel.load(manifest, file);
            case ModelManifest.ONNX -> onnx.load(manifest, file);
            case ModelManifest.IDENTITY -> IdentityModel.load(manifest, file.length);
            default ->
                throw PerennialException.invalid(
                        "format",
                        "model format '" + manifest.format()
                                + "' is not supported; use xgboost-json, onnx or identity");
        };
        try {
            checkExample(manifest, model);
        } catch (PerennialException | ModelFailure e) {
            model.close();
            throw e;
        }
        return model;
    }

    private static void checkExample(ModelManifest manifest, Model model) {
        var input = manifest.inputExample();
        Double expected = manifest.outputExample();
        if (input == null || expected == null || !(model instanceof TabularModel tabular)) {
            return;
        }
        double actual = tabular.score(Row.of(manifest.signature(), input));
        if (!(Math.abs(actual - expected) <= EXAMPLE_TOLERANCE)) {
            throw PerennialException.invalid(
                    "outputExample",
                    "the model scores its own input example " + actual + ", the manifest says " + expected
                            + "; the model file and the manifest do not belong together");
        }
    }
}
