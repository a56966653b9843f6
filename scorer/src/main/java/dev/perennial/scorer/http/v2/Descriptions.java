package dev.perennial.scorer.http.v2;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.VersionStatistics;
import dev.perennial.scorer.serving.VersionStatistics.Duration;
import dev.perennial.scorer.serving.VersionStatistics.Phases;
import dev.perennial.scorer.serving.VersionStatistics.Snapshot;
import dev.perennial.scoring.Column;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.TensorSpec;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What is told of models: metadata, Triton's configuration, statistics, and the index of the repository. */
public final class Descriptions {
    public static final String PLATFORM = "perennial_scorer";
    private static final Duration NEVER = new Duration(0, 0);

    private Descriptions() {}

    /**
     * The inputs that callers of an endpoint see: the union of the columns of its versions, or the champion's tensors. Columns of the
     * prediction id and the two times are taken, too, but belong to no model and are not told.
     */
    public static List<TensorSpec> inputs(Endpoint endpoint) {
        if (!endpoint.tabular()) {
            return endpoint.model().inputs();
        }
        return endpoint.schema().union().columns().stream()
                .map(Descriptions::spec)
                .toList();
    }

    private static TensorSpec spec(Column column) {
        return TensorSpec.column(column.name(), column.type() == ColumnType.CATEGORY ? DataType.BYTES : DataType.FP64);
    }

    static ObjectNode metadata(Endpoint endpoint, Stream<String> versions) {
        ObjectNode out = Json.object();
        out.put("name", endpoint.name());
        ArrayNode numbers = out.putArray("versions");
        versions.map(endpoint::called).forEach(numbers::add);
        out.put("platform", PLATFORM);
        tensors(out.putArray("inputs"), inputs(endpoint), false);
        tensors(out.putArray("outputs"), endpoint.model().outputs(), false);
        return out;
    }

    /** As Triton tells it; rows are part of every shape, hence no batch dimension is left out. */
    static ObjectNode configuration(Endpoint endpoint) {
        ObjectNode out = Json.object();
        out.put("name", endpoint.name()).put("platform", PLATFORM).put("backend", "perennial");
        out.putObject("version_policy").putObject("latest").put("num_versions", 1);
        out.put("max_batch_size", 0);
        tensors(out.putArray("input"), inputs(endpoint), true);
        tensors(out.putArray("output"), endpoint.model().outputs(), true);
        out.putArray("instance_group");
        out.putObject("model_transaction_policy").put("decoupled", false);
        return out;
    }

    private static void tensors(ArrayNode list, List<TensorSpec> specs, boolean triton) {
        for (TensorSpec spec : specs) {
            ObjectNode tensor = list.addObject();
            tensor.put("name", spec.name());
            tensor.put(
                    triton ? "data_type" : "datatype",
                    triton ? tritonType(spec.type()) : spec.type().name());
            ArrayNode shape = tensor.putArray(triton ? "dims" : "shape");
            spec.shape().forEach(shape::add);
        }
    }

    private static String tritonType(DataType type) {
        return type == DataType.BYTES ? "TYPE_STRING" : "TYPE_" + type;
    }

    /** Appends what versions of an endpoint have done. */
    static void statistics(ArrayNode list, Endpoint endpoint, Snapshot snapshot) {
        ObjectNode out = list.addObject();
        out.put("name", endpoint.name())
                .put("version", endpoint.called(snapshot.version()))
                .put("last_inference", snapshot.last())
                .put("inference_count", snapshot.rows())
                .put("execution_count", snapshot.executions());
        ObjectNode all = out.putObject("inference_stats");
        duration(all, "success", snapshot.success());
        duration(all, "fail", snapshot.fail());
        duration(all, "queue", snapshot.phases().queue());
        phases(all, snapshot.phases());
        duration(all, "cache_hit", NEVER);
        duration(all, "cache_miss", NEVER);
        out.putObject("response_stats");
        ArrayNode batches = out.putArray("batch_stats");
        new TreeMap<>(snapshot.batches())
                .forEach((rows, phases) -> phases(batches.addObject().put("batch_size", rows), phases));
        out.putArray("memory_usage");
    }

    private static void phases(ObjectNode out, Phases phases) {
        duration(out, "compute_input", phases.input());
        duration(out, "compute_infer", phases.infer());
        duration(out, "compute_output", phases.output());
    }

    private static void duration(ObjectNode out, String name, VersionStatistics.Duration duration) {
        out.putObject(name).put("count", duration.count()).put("ns", duration.nanos());
    }
}
