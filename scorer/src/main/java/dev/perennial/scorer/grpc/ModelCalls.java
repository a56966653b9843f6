package dev.perennial.scorer.grpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.access.Caller;
import dev.perennial.scorer.access.Right;
import dev.perennial.scorer.http.v2.Descriptions;
import dev.perennial.scorer.http.v2.WantedVersions;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Inference;
import dev.perennial.scorer.serving.Loading;
import dev.perennial.scorer.serving.VersionStatistics;
import dev.perennial.scorer.serving.VersionStatistics.Phases;
import dev.perennial.scorer.serving.VersionStatistics.Snapshot;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.TensorSpec;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/** What can be asked of the server and its models beside inference. Thread-safe. */
final class ModelCalls {
    static final String SERVER = "perennial-scorer";
    static final String VERSION = "0.1.0";
    /** Extensions of Triton that work wholly here. */
    private static final List<String> EXTENSIONS = List.of("classification", "model_configuration", "statistics");

    private final Inference inference;
    private final Loading loading;
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

    ModelCalls(Inference inference, Loading loading, BooleanSupplier ready) {
        this.inference = inference;
        this.loading = loading;
        this.ready = ready;
    }

    void serverReady(Caller caller, ProtoReader in, ProtoWriter out) {
        Named.read(in);
        out.bool(1, ready.getAsBoolean());
    }

    void serverMetadata(Caller caller, ProtoReader in, ProtoWriter out) {
        Named.read(in);
        out.text(1, SERVER);
        out.text(2, VERSION);
        EXTENSIONS.forEach(extension -> out.text(3, extension));
    }

    /** A model that is unknown is not ready, which is no error. */
    void modelReady(Caller caller, ProtoReader in, ProtoWriter out) {
        out.bool(1, isReady(caller, Named.read(in)));
    }

    boolean isReady(Caller caller, Named named) {
        if (!inference.names(caller).contains(named.name())) {
            return false;
        }
        boolean[] found = new boolean[1];
        try {
            inference.look(caller, named.name(), endpoint -> found[0] = hasVersion(endpoint, named.version()));
        } catch (PerennialException e) {
            return false; // it went away meanwhile
        }
        return found[0];
    }

    private static boolean hasVersion(Endpoint endpoint, String version) {
        return version.isEmpty()
                || endpoint.versions().stream().map(Endpoint::number).anyMatch(version::equals);
    }

    /** @throws PerennialException when a version is named that the endpoint does not have */
    private static List<String> versions(Endpoint endpoint, String version) {
        return version.isEmpty() ? List.copyOf(endpoint.versions()) : List.of(endpoint.version(version));
    }

    void modelMetadata(Caller caller, ProtoReader in, ProtoWriter out) {
        Named named = Named.read(in);
        inference.look(caller, named.name(), endpoint -> {
            out.text(1, endpoint.name());
            versions(endpoint, named.version()).forEach(version -> out.text(2, endpoint.called(version)));
            out.text(3, Descriptions.PLATFORM);
            Descriptions.inputs(endpoint).forEach(spec -> metadata(4, spec, out));
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
    void modelConfig(Caller caller, ProtoReader in, ProtoWriter out) {
        Named named = Named.read(in);
        inference.look(caller, named.name(), endpoint -> {
            versions(endpoint, named.version());
            out.message(1, config -> {
                config.text(1, endpoint.name());
                config.text(2, Descriptions.PLATFORM);
                config.message(3, policy -> policy.message(1, latest -> latest.whole(1, 1)));
                Descriptions.inputs(endpoint).forEach(spec -> config(5, 4, spec, config));
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

    /** What versions have done; no name means all models. */
    void modelStatistics(Caller caller, ProtoReader in, ProtoWriter out) {
        Named named = Named.read(in);
        for (String name : named.name().isEmpty() ? new TreeSet<>(inference.names(caller)) : List.of(named.name())) {
            inference.look(caller, name, endpoint -> {
                List<String> versions = versions(endpoint, named.version());
                for (Snapshot snapshot : inference.statistics(endpoint)) {
                    if (versions.contains(snapshot.version())) {
                        out.message(1, model -> statistics(endpoint, snapshot, model));
                    }
                }
            });
        }
    }

    private static void statistics(Endpoint endpoint, Snapshot snapshot, ProtoWriter out) {
        out.text(1, endpoint.name());
        out.text(2, endpoint.called(snapshot.version()));
        out.whole(3, snapshot.last());
        out.whole(4, snapshot.rows());
        out.whole(5, snapshot.executions());
        out.message(6, all -> {
            duration(1, snapshot.success(), all);
            duration(2, snapshot.fail(), all);
            duration(3, snapshot.phases().queue(), all);
            phases(4, snapshot.phases(), all);
            all.message(7, never -> {});
            all.message(8, never -> {});
        });
        new TreeMap<>(snapshot.batches())
                .forEach((rows, phases) -> out.message(7, batch -> {
                    batch.whole(1, rows);
                    phases(2, phases, batch);
                }));
    }

    private static void phases(int first, Phases phases, ProtoWriter out) {
        duration(first, phases.input(), out);
        duration(first + 1, phases.infer(), out);
        duration(first + 2, phases.output(), out);
    }

    private static void duration(int field, VersionStatistics.Duration duration, ProtoWriter out) {
        out.message(field, message -> {
            message.whole(1, duration.count());
            message.whole(2, duration.nanos());
        });
    }

    void repositoryIndex(Caller caller, ProtoReader in, ProtoWriter out) {
        boolean readyOnly = false;
        while (in.next()) {
            if (in.field() == 2) {
                readyOnly = in.bool();
            } else {
                in.skip();
            }
        }
        boolean all = !readyOnly;
        for (String name : new TreeSet<>(inference.names(caller))) {
            inference.look(caller, name, endpoint -> index(endpoint, all, out));
        }
        if (!readyOnly) {
            new TreeSet<>(inference.unready(caller))
                    .forEach(name -> index(name, "", "UNAVAILABLE", "its champion is not loaded", out));
        }
    }

    private static void index(Endpoint endpoint, boolean unloaded, ProtoWriter out) {
        endpoint.versions().forEach(version -> index(endpoint.name(), endpoint.called(version), "READY", "", out));
        if (unloaded) {
            endpoint.unloaded()
                    .forEach((version, by) ->
                            index(endpoint.name(), endpoint.called(version), "UNAVAILABLE", "unloaded by " + by, out));
        }
    }

    private static void index(String name, String version, String state, String reason, ProtoWriter out) {
        out.message(1, model -> {
            model.text(1, name);
            model.text(2, version);
            model.text(3, state);
            model.text(4, reason);
        });
    }

    /** Loads or unloads, as Triton's and KServe's clients ask for it; the server decides. */
    void repositoryModel(GrpcCall call, byte[] message, boolean load) {
        ProtoReader in = new ProtoReader(message);
        String repository = "";
        String model = "";
        ObjectNode parameters = Json.object();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> repository = in.text();
                case 2 -> model = in.text();
                case 3 -> parameter(in.message(), parameters);
                default -> in.skip();
            }
        }
        String name = model.isEmpty() ? repository : model;
        Caller caller = call.caller();
        inference.look(caller, name, endpoint -> {});
        caller.need(Right.MANAGE, name, "load or unload versions");
        String authorization = call.request().getHeader(HttpHeaders.AUTHORIZATION);
        List<String> versions = WantedVersions.of(parameters, load);
        loading.pass(new Loading.Wish(caller, authorization, name, versions, load), failure -> {
            call.release();
            if (failure == null) {
                ProtoWriter out = new ProtoWriter();
                out.text(1, name);
                out.bool(2, true);
                call.answer(out.frame(call.answers()));
            } else {
                call.fail(failure);
            }
        });
    }

    private static void parameter(ProtoReader entry, ObjectNode parameters) {
        String name = "";
        JsonNode value = Json.tree("");
        while (entry.next()) {
            switch (entry.field()) {
                case 1 -> name = entry.text();
                case 2 -> value = value(entry.message());
                default -> entry.skip();
            }
        }
        parameters.set(name, value);
    }

    /** Only texts mean something here; files come as bytes and are refused by their name. */
    private static JsonNode value(ProtoReader in) {
        JsonNode value = Json.tree("");
        while (in.next()) {
            if (in.field() == 3) {
                value = Json.tree(in.text());
            } else {
                in.skip();
            }
        }
        return value;
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
