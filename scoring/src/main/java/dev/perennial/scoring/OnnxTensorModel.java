package dev.perennial.scoring;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A graph of any tensors. Thread-safe. */
final class OnnxTensorModel implements Model {
    private final OnnxSession session;
    private final ModelSchema schema;
    private final Set<String> outputs = new LinkedHashSet<>();

    OnnxTensorModel(OnnxSession session, ModelSchema schema) {
        this.session = session;
        this.schema = schema;
        schema.outputs().forEach(spec -> outputs.add(spec.name()));
    }

    @Override
    public ModelSchema schema() {
        return schema;
    }

    @Override
    public List<Tensor> run(List<Tensor> inputs, RunLimit limit) {
        List<Tensor> arranged = schema.arranged(inputs);
        long rows = arranged.stream().mapToLong(Tensor::rows).max().orElse(1);
        return session.run(environment -> tensors(environment, arranged), rows, outputs, limit, this::taken);
    }

    private static Map<String, OnnxTensor> tensors(OrtEnvironment environment, List<Tensor> inputs)
            throws OrtException {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        boolean whole = false;
        try {
            for (Tensor input : inputs) {
                tensors.put(input.name(), OnnxTensors.in(environment, input));
            }
            whole = true;
            return tensors;
        } finally {
            if (!whole) {
                tensors.values().forEach(OnnxTensor::close);
            }
        }
    }

    private List<Tensor> taken(OrtSession.Result result) throws OrtException {
        List<Tensor> tensors = new ArrayList<>(outputs.size());
        for (TensorSpec spec : schema.outputs()) {
            OnnxValue value = result.get(spec.name())
                    .orElseThrow(() -> new ModelFailure("its output '" + spec.name() + "' was not made"));
            tensors.add(OnnxTensors.out(spec.name(), value));
        }
        return tensors;
    }

    @Override
    public boolean foreign() {
        return true;
    }

    @Override
    public void close() {
        session.close();
    }
}
