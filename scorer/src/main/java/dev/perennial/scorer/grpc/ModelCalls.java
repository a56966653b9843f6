package dev.perennial.scorer.grpc;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Inference;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.TensorSpec;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/** What can be asked of the server and its models beside inference. Thread-safe. */
final class ModelCalls {
    static final String SERVER = "perennial-scorer";
    static final String VERSION = "0.1.0";
    private static final String PLATFORM = "perennial_scorer";

    private final Inference inference;
    private final BooleanSupplier ready;

    /** A model and, perhaps, one of its versions; most requests have just these. */
    record Named(String name, String version) {
        static Named read(ProtoReader in) {
            String name = "";
            String version = "";
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> name = in.text();
                    case 2 -> version = in.text();
                    default -> in.skip();
                }
            }
            return new Named(name, version);
        }
    }

    ModelCalls(Inference inference, BooleanSupplier ready) {
        this.inference = inference;
        this.ready = ready;
    }

    void serverReady(ProtoReader in, ProtoWriter out) {
        Named.read(in);
        out.bool(1, ready.getAsBoolean());
    }

    void serverMetadata(ProtoReader in, ProtoWriter out) {
        Named.read(in);
        out.text(1, SERVER);
        out.text(2, VERSION);
        out.text(3, "model_configuration");
    }

    /** A model that is unknown is not ready, which is no error. */
    void modelReady(ProtoReader in, ProtoWriter out) {
        out.bool(1, isReady(Named.read(in)));
    }

    boolean isReady(Named named) {
        if (!inference.names().contains(named.name())) {
            return false;
        }
        boolean[] found = new boolean[1];
        try {
            inference.look(named.name(), endpoint -> found[0] = hasVersion(endpoint, named.version()));
        } catch (PerennialException e) {
            return false; // it went away meanwhile
        }
        return found[0];
    }

    private static boolean hasVersion(Endpoint endpoint, String version) {
        return version.isEmpty() || version.equals(Payloads.number(endpoint.championVersion()));
    }

    private static void check(Endpoint endpoint, String version) {
        if (!hasVersion(endpoint, version)) {
            throw PerennialException.notFound("model '" + endpoint.name() + "' has no version '" + version
                    + "' here; there is " + Payloads.number(endpoint.championVersion()));
        }
    }

    void modelMetadata(ProtoReader in, ProtoWriter out) {
        Named named = Named.read(in);
        inference.look(named.name(), endpoint -> {
            check(endpoint, named.version());
            out.text(1, endpoint.name());
            out.text(2, Payloads.number(endpoint.championVersion()));
            out.text(3, PLATFORM);
            endpoint.model().inputs().forEach(spec -> metadata(4, spec, out));
            endpoint.model().outputs().forEach(spec -> metadata(5, spec, out));
        });
    }

    private static void metadata(int field, TensorSpec spec, ProtoWriter out) {
        out.message(field, tensor -> {
            tensor.text(1, spec.name());
            tensor.text(2, spec.type().name());
            tensor.wholes(3, shape(spec));
        });
    }

    private static long[] shape(TensorSpec spec) {
        return spec.shape().stream().mapToLong(Long::longValue).toArray();
    }

    /** Triton's configuration of a model; nothing is put together into batches, hence whole shapes stand in it. */
    void modelConfig(ProtoReader in, ProtoWriter out) {
        Named named = Named.read(in);
        inference.look(named.name(), endpoint -> {
            check(endpoint, named.version());
            out.message(1, config -> {
                config.text(1, endpoint.name());
                config.text(2, PLATFORM);
                config.message(3, policy -> policy.message(1, latest -> latest.whole(1, 1)));
                endpoint.model().inputs().forEach(spec -> config(5, 4, spec, config));
                endpoint.model().outputs().forEach(spec -> config(6, 3, spec, config));
                config.text(17, "perennial");
                config.message(19, policy -> {});
            });
        });
    }

    private static void config(int field, int dims, TensorSpec spec, ProtoWriter out) {
        out.message(field, tensor -> {
            tensor.text(1, spec.name());
            tensor.whole(2, tritonType(spec.type()));
            tensor.wholes(dims, shape(spec));
        });
    }

    /** Number of a type in Triton's enum. */
    static int tritonType(DataType type) {
        return switch (type) {
            case BOOL -> 1;
            case UINT8 -> 2;
            case UINT16 -> 3;
            case UINT32 -> 4;
            case UINT64 -> 5;
            case INT8 -> 6;
            case INT16 -> 7;
            case INT32 -> 8;
            case INT64 -> 9;
            case FP16 -> 10;
            case FP32 -> 11;
            case FP64 -> 12;
            case BYTES -> 13;
            case BF16 -> 14;
        };
    }

    void repositoryIndex(ProtoReader in, ProtoWriter out) {
        Named.read(in.again()); // only whether it is well-formed; every model that is told of is ready
        for (String name : new TreeSet<>(inference.names())) {
            inference.look(
                    name,
                    endpoint -> out.message(1, model -> {
                        model.text(1, name);
                        model.text(2, Payloads.number(endpoint.championVersion()));
                        model.text(3, "READY");
                    }));
        }
    }

    /** Loading and unloading; both are refused, after the name was understood as Triton's and KServe's clients send it. */
    void repositoryModel(ProtoReader in, ProtoWriter out) {
        String repository = "";
        String model = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> repository = in.text();
                case 2 -> model = in.text();
                default -> in.skip();
            }
        }
        String name = model.isEmpty() ? repository : model;
        throw new PerennialException(
                ErrorCode.NOT_IMPLEMENTED,
                "model '" + name + "' is loaded and unloaded by its endpoint's configuration; change it on the server",
                "model_name",
                null);
    }

    /** Methods of Triton that are known and not offered, and why. */
    static Map<String, String> unsupported() {
        String memory = "shared memory is not supported; send tensors in the request";
        return Map.of(
                "SystemSharedMemoryStatus", memory,
                "SystemSharedMemoryRegister", memory,
                "SystemSharedMemoryUnregister", memory,
                "CudaSharedMemoryStatus", memory,
                "CudaSharedMemoryRegister", memory,
                "CudaSharedMemoryUnregister", memory,
                "TraceSetting", "traces are not set by clients",
                "LogSettings", "logging is not set by clients");
    }
}
