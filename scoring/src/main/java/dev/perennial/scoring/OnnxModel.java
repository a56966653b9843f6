package dev.perennial.scoring;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;

/** A session of ONNX Runtime: 15 to 30 us a row alone, far less in a batch. Every run has a time limit. */
final class OnnxModel implements TabularModel {
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final OnnxInputs inputs;
    private final String output;
    private final Watchdog watchdog;

    OnnxModel(OrtEnvironment environment, OrtSession session, OnnxInputs inputs, String output, Watchdog watchdog) {
        this.environment = environment;
        this.session = session;
        this.inputs = inputs;
        this.output = output;
        this.watchdog = watchdog;
    }

    @Override
    public Signature signature() {
        return inputs.signature();
    }

    @Override
    public double score(Row row) {
        return scoreAll(List.of(row))[0];
    }

    @Override
    public double[] scoreAll(List<Row> rows) {
        if (rows.isEmpty()) {
            return new double[0];
        }
        try {
            return run(rows);
        } catch (OrtException e) {
            throw new ModelFailure("ONNX Runtime says: " + e.getMessage(), e);
        }
    }

    private double[] run(List<Row> rows) throws OrtException {
        Map<String, OnnxTensor> tensors = inputs.tensors(environment, rows);
        OrtSession.RunOptions run = new OrtSession.RunOptions();
        Future<?> limit = watchdog.watch(run, rows.size());
        try (OrtSession.Result result = session.run(tensors, Set.of(output), run)) {
            return positives(result.get(0).getValue(), rows.size());
        } finally {
            limit.cancel(false);
            synchronized (run) {
                run.close();
            }
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    private double[] positives(Object value, int rows) {
        double[] scores = new double[rows];
        int found = switch (value) {
            case float[][] matrix -> {
                for (int r = 0; r < Math.min(rows, matrix.length); r++) {
                    scores[r] = positive(matrix[r].length) < 0 ? Double.NaN : matrix[r][positive(matrix[r].length)];
                }
                yield matrix.length;
            }
            case double[][] matrix -> {
                for (int r = 0; r < Math.min(rows, matrix.length); r++) {
                    scores[r] = positive(matrix[r].length) < 0 ? Double.NaN : matrix[r][positive(matrix[r].length)];
                }
                yield matrix.length;
            }
            case float[] vector -> {
                for (int r = 0; r < Math.min(rows, vector.length); r++) {
                    scores[r] = vector[r];
                }
                yield vector.length;
            }
            case double[] vector -> {
                System.arraycopy(vector, 0, scores, 0, Math.min(rows, vector.length));
                yield vector.length;
            }
            default -> -1;
        };
        if (found != rows) {
            throw new ModelFailure(
                    "the model's output '" + output + "' has " + found + " rows where " + rows + " were given");
        }
        for (double score : scores) {
            if (!Double.isFinite(score)) {
                throw new ModelFailure("the model's output '" + output + "' holds " + score + ", which is no score");
            }
        }
        return scores;
    }

    /** Column of the positive class: the second of two, or the only one. */
    private static int positive(int width) {
        return width == 2 ? 1 : width == 1 ? 0 : -1;
    }

    @Override
    public boolean foreign() {
        return true;
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("cannot close an ONNX session", e);
        }
    }
}
