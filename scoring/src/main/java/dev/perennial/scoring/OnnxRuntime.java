package dev.perennial.scoring;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes models of ONNX files. They are loaded from bytes, never from a path: a model can then not reach for files beside it. What native
 * code gets to see went through {@link OnnxGraphCheck} first. Thread-safe.
 */
final class OnnxRuntime {
    private static final String NATIVE_PATH = "onnxruntime.native.path";
    private static final int GZIP = 0x1f8b;
    private static final int ZIP = 0x504b;
    private static final int ORT_FORMAT = 0x4f52544d; // "ORTM"
    private static final Set<String> PROBABILITY_NAMES = Set.of("probabilities", "output_probability", "probability");

    private final Path natives;
    private final Watchdog watchdog = new Watchdog();

    OnnxRuntime(Path natives) {
        this.natives = natives;
    }

    /** @param file the whole file; outside of the heap it is not copied */
    Model load(ModelManifest manifest, ByteBuffer file, ModelResources resources) {
        refuseWrapped(file);
        Set<String> shapeless = OnnxGraphCheck.check(file);
        OnnxSession session = session(file, resources);
        boolean whole = false;
        try {
            Model model = model(manifest, session, shapeless);
            whole = true;
            return model;
        } finally {
            if (!whole) {
                session.close();
            }
        }
    }

    private static Model model(ModelManifest manifest, OnnxSession session, Set<String> shapeless) {
        if (manifest.columns() != null) {
            return new OnnxModel(session, inputs(manifest, session.inputs()), output(session.outputs()));
        }
        ModelSchema schema = OnnxTypes.schema(session, shapeless);
        agree("inputs", manifest.inputs(), schema.inputs());
        agree("outputs", manifest.outputs(), schema.outputs());
        return new OnnxTensorModel(session, schema);
    }

    /** What the manifest lists must be what the graph has. */
    private static void agree(String what, @Nullable List<TensorSpec> listed, List<TensorSpec> own) {
        if (listed == null) {
            return;
        }
        Map<String, TensorSpec> byName = new HashMap<>();
        own.forEach(spec -> byName.put(spec.name(), spec));
        for (TensorSpec spec : listed) {
            TensorSpec found = byName.remove(spec.name());
            if (found == null || found.type() != spec.type() || !compatible(found.shape(), spec.shape())) {
                throw refused("the manifest's '" + what + "' lists " + said(spec) + ", the graph has "
                        + (found == null ? own.stream().map(OnnxRuntime::said).toList() : said(found)));
            }
        }
        if (!byName.isEmpty()) {
            throw refused("the manifest's '" + what + "' does not list " + byName.keySet());
        }
    }

    private static String said(TensorSpec spec) {
        return "'" + spec.name() + "' " + spec.type() + spec.shape();
    }

    private static boolean compatible(List<Long> one, List<Long> other) {
        boolean same = one.size() == other.size();
        for (int i = 0; same && i < one.size(); i++) {
            same = one.get(i).equals(other.get(i)) || one.get(i) < 0 || other.get(i) < 0;
        }
        return same;
    }

    private static void refuseWrapped(ByteBuffer file) {
        int at = file.position();
        int magic = file.remaining() < 2 * Integer.BYTES ? 0 : file.getInt(at) >>> Short.SIZE;
        if (magic == GZIP || magic == ZIP) {
            throw refused("it is compressed; give the model itself");
        }
        if (magic != 0 && file.getInt(at + Integer.BYTES) == ORT_FORMAT) {
            throw refused("it is of the ORT format; save it as ONNX");
        }
    }

    private OnnxSession session(ByteBuffer file, ModelResources resources) {
        OrtEnvironment environment = environment();
        ByteBuffer direct = file;
        if (!file.isDirect()) {
            direct = ByteBuffer.allocateDirect(file.remaining())
                    .put(file.duplicate())
                    .flip();
        }
        List<OrtSession> sessions = new ArrayList<>();
        boolean whole = false;
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(resources.threads());
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            options.addConfigEntry("session.load_model_format", "ONNX");
            for (int i = 0; i < resources.instances(); i++) {
                sessions.add(environment.createSession(direct.duplicate(), options));
            }
            whole = true;
            return new OnnxSession(environment, sessions, watchdog);
        } catch (OrtException e) {
            throw refused("ONNX Runtime says: " + e.getMessage());
        } finally {
            if (!whole) {
                OnnxSession.close(sessions);
            }
        }
    }

    private synchronized OrtEnvironment environment() {
        if (System.getProperty(NATIVE_PATH) == null) {
            System.setProperty(NATIVE_PATH, unpacked().toString());
        }
        return OrtEnvironment.getEnvironment();
    }

    /** Folder of the libraries; unpacks them when they are not there yet, and loads nothing. */
    Path unpacked() {
        String folder = "/ai/onnxruntime/native/" + NativeLibraries.platform() + "/";
        List<String> files = List.of(
                folder + System.mapLibraryName("onnxruntime"), folder + System.mapLibraryName("onnxruntime4j_jni"));
        String version = String.valueOf(OrtEnvironment.class.getPackage().getImplementationVersion());
        String name = "onnxruntime-" + version + "-" + NativeLibraries.platform();
        return NativeLibraries.unpackOnce(natives, name, OrtEnvironment.class, files);
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
