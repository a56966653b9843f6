package dev.perennial.scoring;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/** How rows become the tensors that a graph asks for. */
sealed interface OnnxInputs permits OnnxColumns, OnnxInputs.Matrix {
    Signature signature();

    /** The caller closes the tensors. */
    Map<String, OnnxTensor> tensors(OrtEnvironment environment, List<Row> rows) throws OrtException;

    /** One float matrix; categories as their codes. */
    record Matrix(String name, Signature signature, CategoryCodes codes) implements OnnxInputs {
        @Override
        public Map<String, OnnxTensor> tensors(OrtEnvironment environment, List<Row> rows) throws OrtException {
            int width = signature.size();
            float[] all = new float[rows.size() * width];
            float[] one = new float[width];
            for (int r = 0; r < rows.size(); r++) {
                codes.encode(rows.get(r), one);
                System.arraycopy(one, 0, all, r * width, width);
            }
            return Map.of(
                    name, OnnxTensor.createTensor(environment, FloatBuffer.wrap(all), new long[] {rows.size(), width}));
        }
    }
}
