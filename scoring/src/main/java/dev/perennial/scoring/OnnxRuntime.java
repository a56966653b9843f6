package dev.perennial.scoring;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.perennial.kernel.PerennialException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes sessions of ONNX Runtime. Models are loaded from bytes, never from a path: a model can then not reach for files beside it. One
 * session serves all threads, with one native thread for each call.
 */
final class OnnxRuntime {
    private static final String NATIVE_PATH = "onnxruntime.native.path";
    private static final Set<String> PROBABILITY_NAMES = Set.of("probabilities", "output_probability", "probability");

    private final Path natives;
    private final Watchdog watchdog = new Watchdog();

    OnnxRuntime(Path natives) {
        this.natives = natives;
    }

    Model load(ModelManifest manifest, byte[] file) {
        OrtEnvironment environment = environment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            OrtSession session = environment.createSession(file, options);
            try {
                String output = output(session.getOutputInfo());
                return new OnnxModel(environment, session, inputs(manifest, session.getInputInfo()), output, watchdog);
            } catch (PerennialException e) {
                session.close();
                throw e;
            }
        } catch (OrtException e) {
            throw refused("ONNX Runtime says: " + e.getMessage());
        }
    }

    private synchronized OrtEnvironment environment() {
        if (System.getProperty(NATIVE_PATH) == null) {
            String folder = "/ai/onnxruntime/native/" + NativeLibraries.platform() + "/";
            List<String> files = List.of(
                    folder + System.mapLibraryName("onnxruntime"), folder + System.mapLibraryName("onnxruntime4j_jni"));
            String version = String.valueOf(OrtEnvironment.class.getPackage().getImplementationVersion());
            String name = "onnxruntime-" + version + "-" + NativeLibraries.platform();
            System.setProperty(
                    NATIVE_PATH,
                    NativeLibraries.unpackOnce(natives, name, OrtEnvironment.class, files)
                            .toString());
        }
        return OrtEnvironment.getEnvironment();
    }

    private static OnnxInputs inputs(ModelManifest manifest, Map<String, NodeInfo> inputs) {
        Signature signature = manifest.signature();
        Map.Entry<String, NodeInfo> only =
                inputs.size() == 1 ? inputs.entrySet().iterator().next() : null;
        if (only != null && signature.position(only.getKey()) < 0) {
            TensorInfo matrix = tensor(only.getKey(), only.getValue());
            long width = matrix.getShape().length == 2 ? matrix.getShape()[1] : 0;
            if (matrix.type != OnnxJavaType.FLOAT || (width != -1 && width != signature.size())) {
                throw refused("its input '" + only.getKey() + "' is no float matrix of " + signature.size()
                        + " columns; name one input for each column of the signature, or use such a matrix");
            }
            return new OnnxInputs.Matrix(only.getKey(), signature, new CategoryCodes(signature, manifest.categories()));
        }
        OnnxJavaType[] types = new OnnxJavaType[signature.size()];
        int[] ranks = new int[signature.size()];
        for (int i = 0; i < types.length; i++) {
            Column column = signature.column(i);
            NodeInfo info = inputs.get(column.name());
            if (info == null) {
                throw refused("it has no input '" + column.name() + "', only " + inputs.keySet());
            }
            TensorInfo tensor = tensor(column.name(), info);
            types[i] = OnnxColumns.checked(column, tensor.type);
            ranks[i] = tensor.getShape().length;
        }
        for (String name : inputs.keySet()) {
            if (signature.position(name) < 0) {
                throw refused("its input '" + name + "' is no column of the manifest's signature");
            }
        }
        return new OnnxColumns(signature, types, ranks);
    }

    /** The output that holds probabilities: by its name, else the last tensor of floats. */
    private static String output(Map<String, NodeInfo> outputs) {
        @Nullable String found = null;
        for (Map.Entry<String, NodeInfo> output : outputs.entrySet()) {
            boolean floats = output.getValue().getInfo() instanceof TensorInfo tensor
                    && (tensor.type == OnnxJavaType.FLOAT || tensor.type == OnnxJavaType.DOUBLE);
            if (floats && (found == null || !PROBABILITY_NAMES.contains(found))) {
                found = output.getKey();
            }
        }
        if (found == null) {
            throw refused("none of its outputs " + outputs.keySet()
                    + " is a tensor of floats; export a classifier without ZipMap (zipmap=False)");
        }
        return found;
    }

    private static TensorInfo tensor(String name, NodeInfo info) {
        if (info.getInfo() instanceof TensorInfo tensor) {
            return tensor;
        }
        throw refused("its input '" + name + "' is no tensor");
    }

    static PerennialException refused(String why) {
        return PerennialException.invalid("model", "cannot use this ONNX model: " + why);
    }
}
