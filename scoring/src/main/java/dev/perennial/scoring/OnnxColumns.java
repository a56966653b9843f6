package dev.perennial.scoring;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.perennial.predictionlog.ColumnType;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One tensor for each column, of the column's name. A missing text is the empty text; a missing number NaN. */
@SuppressWarnings("ArrayRecordComponent")
record OnnxColumns(Signature signature, OnnxJavaType[] types, int[] ranks) implements OnnxInputs {
    static OnnxJavaType checked(Column column, OnnxJavaType type) {
        boolean fits = column.type() == ColumnType.CATEGORY
                ? type == OnnxJavaType.STRING
                : type == OnnxJavaType.FLOAT || type == OnnxJavaType.DOUBLE || type == OnnxJavaType.INT64;
        if (!fits) {
            throw OnnxRuntime.refused("its input '" + column.name() + "' takes " + type + ", the signature says "
                    + column.type().word());
        }
        return type;
    }

    @Override
    public Map<String, OnnxTensor> tensors(OrtEnvironment environment, List<Row> rows) throws OrtException {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        try {
            for (int c = 0; c < types.length; c++) {
                tensors.put(signature.column(c).name(), tensor(environment, rows, c));
            }
            return tensors;
        } catch (OrtException | ModelFailure e) {
            tensors.values().forEach(OnnxTensor::close);
            throw e;
        }
    }

    private OnnxTensor tensor(OrtEnvironment environment, List<Row> rows, int column) throws OrtException {
        int n = rows.size();
        long[] shape = ranks[column] == 1 ? new long[] {n} : new long[] {n, 1};
        return switch (types[column]) {
            case STRING -> OnnxTensor.createTensor(environment, texts(rows, column), shape);
            case FLOAT -> OnnxTensor.createTensor(environment, FloatBuffer.wrap(floats(rows, column)), shape);
            case DOUBLE -> OnnxTensor.createTensor(environment, DoubleBuffer.wrap(numbers(rows, column)), shape);
            default ->
                OnnxTensor.createTensor(environment, LongBuffer.wrap(integers(numbers(rows, column), column)), shape);
        };
    }

    private static String[] texts(List<Row> rows, int column) {
        String[] texts = new String[rows.size()];
        for (int r = 0; r < texts.length; r++) {
            String text = rows.get(r).text(column);
            texts[r] = text == null ? "" : text;
        }
        return texts;
    }

    private static float[] floats(List<Row> rows, int column) {
        float[] floats = new float[rows.size()];
        for (int r = 0; r < floats.length; r++) {
            floats[r] = (float) rows.get(r).number(column);
        }
        return floats;
    }

    private static double[] numbers(List<Row> rows, int column) {
        double[] numbers = new double[rows.size()];
        for (int r = 0; r < numbers.length; r++) {
            numbers[r] = rows.get(r).number(column);
        }
        return numbers;
    }

    private long[] integers(double[] numbers, int column) {
        long[] integers = new long[numbers.length];
        for (int r = 0; r < integers.length; r++) {
            integers[r] = (long) numbers[r];
            if (integers[r] != numbers[r]) {
                throw new ModelFailure("the model takes whole numbers for '"
                        + signature.column(column).name() + "', not " + numbers[r]);
            }
        }
        return integers;
    }
}
