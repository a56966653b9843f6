package dev.perennial.scoring;

import java.util.List;
import java.util.Set;

/** A graph that gives each row of columns one score: 15 to 30 us a row alone, far less in a batch. Every run has a time limit. */
final class OnnxModel implements TabularModel {
    private final OnnxSession session;
    private final OnnxInputs inputs;
    private final String output;

    OnnxModel(OnnxSession session, OnnxInputs inputs, String output) {
        this.session = session;
        this.inputs = inputs;
        this.output = output;
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
        return session.run(
                environment -> inputs.tensors(environment, rows),
                rows.size(),
                Set.of(output),
                RunLimit.NONE,
                result -> positives(result.get(0).getValue(), rows.size()));
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
        session.close();
    }
}
