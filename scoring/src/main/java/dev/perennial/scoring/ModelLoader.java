package dev.perennial.scoring;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.python.PythonRuntime;
import dev.perennial.scoring.trees.TreeFormats;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Loads a model from its two files and proves that it is the one that was trained: the manifest's input example must score as it did
 * there. Formats: {@code xgboost-json}, {@code xgboost-ubj} and {@code lightgbm-text} (our evaluator), {@code onnx} (ONNX Runtime, loaded
 * on first use), {@code python} (a process of its own) and {@code identity} (gives back what it takes). Thread-safe.
 */
public final class ModelLoader {
    /** Both sides compute in float; more than this is another model. */
    private static final double EXAMPLE_TOLERANCE = 1e-5;

    /** Of formats that are read into the heap. */
    public static final int HEAP_BYTES_MAX = 256 << 20;

    private final Path natives;
    private final OnnxRuntime onnx;
    private final @Nullable PythonRuntime python;

    /**
     * A loader of all formats but {@code python}.
     *
     * @param natives folder into which native libraries are unpacked once; shared by all processes of an installation
     */
    public ModelLoader(Path natives) {
        this(natives, null);
    }

    /** @param python runs Python models; null when this process cannot */
    public ModelLoader(Path natives, @Nullable PythonRuntime python) {
        this.natives = natives;
        this.onnx = new OnnxRuntime(natives);
        this.python = python;
    }

    /** Folder of the unpacked native libraries. */
    public Path natives() {
        return natives;
    }

    /** Unpacks the native libraries for a process that may not write; loads nothing. */
    public Path unpackNatives() {
        return onnx.unpacked();
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
        return tabular(load(manifest, file));
    }

    /** The model as one that gives each row a score; one of another kind is closed and refused. */
    public static TabularModel tabular(Model model) {
        if (model instanceof TabularModel tabular) {
            return tabular;
        }
        model.close();
        throw PerennialException.invalid(
                "model", "the model gives " + model.schema().outputs() + ", not one score for each row of columns");
    }

    public Model load(ModelManifest manifest, byte[] file) {
        return load(manifest, ByteBuffer.wrap(file));
    }

    /**
     * @param file the whole model file, which is not needed afterwards; a large one best lies outside of the heap, as that of a {@link
     *     ModelFile} does
     * @throws PerennialException naming what is wrong with the files
     */
    public Model load(ModelManifest manifest, ByteBuffer file) {
        return load(manifest, file, null);
    }

    /**
     * @param file as above; of a model that is a folder, its file MLmodel
     * @param environment digest of the prepared environment of a Python model; null for others
     * @throws PerennialException naming what is wrong with the files
     */
    public Model load(ModelManifest manifest, ByteBuffer file, @Nullable String environment) {
        return load(manifest, file, environment, ModelResources.DEFAULT);
    }

    /**
     * @param resources what the model may use, as far as its format does
     * @throws PerennialException naming what is wrong with the files
     */
    public Model load(ModelManifest manifest, ByteBuffer file, @Nullable String environment, ModelResources resources) {
        Model model = switch (manifest.format()) {
            case ModelManifest.XGBOOST_JSON, ModelManifest.XGBOOST_UBJ, ModelManifest.LIGHTGBM_TEXT ->
                TreeFormats.load(manifest, bytes(file));
            case ModelManifest.ONNX -> onnx.load(manifest, file, resources);
            case ModelManifest.IDENTITY -> IdentityModel.load(manifest, file.remaining());
            case ModelManifest.PYTHON -> python().load(manifest, environment, resources);
            default ->
                throw PerennialException.invalid(
                        "format",
                        "model format '" + manifest.format()
                                + "' is not supported; use xgboost-json, xgboost-ubj, lightgbm-text, onnx, python or identity");
        };
        try {
            checkExample(manifest, model);
        } catch (PerennialException | ModelFailure e) {
            model.close();
            throw e;
        }
        return model;
    }

    private PythonRuntime python() {
        if (python == null) {
            throw PerennialException.invalid("format", "this process cannot run Python models");
        }
        return python;
    }

    /** The bytes of a format that is read into the heap. */
    private static byte[] bytes(ByteBuffer file) {
        if (file.remaining() > HEAP_BYTES_MAX) {
            throw ModelFile.tooLarge(file.remaining(), HEAP_BYTES_MAX);
        }
        byte[] bytes = new byte[file.remaining()];
        file.get(file.position(), bytes);
        return bytes;
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
