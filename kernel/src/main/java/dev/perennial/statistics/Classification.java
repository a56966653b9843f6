package dev.perennial.statistics;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Metrics of predicted classes. Classes are numbered from 0; in a binary problem 1 is the positive class. */
public final class Classification {
    private static final String NO_POSITIVES = "no positive rows";

    private Classification() {}

    /** Counts of a binary problem; adds up over windows. */
    public record Confusion(double tp, double fp, double fn, double tn) {
        public static Confusion of(boolean[] labels, boolean[] predicted) {
            double[] counts = new double[4];
            for (int i = 0; i < labels.length; i++) {
                counts[(labels[i] ? 0 : 1) + (predicted[i] ? 0 : 2)]++;
            }
            return new Confusion(counts[0], counts[1], counts[2], counts[3]);
        }

        public Confusion merge(Confusion other) {
            return new Confusion(tp + other.tp, fp + other.fp, fn + other.fn, tn + other.tn);
        }

        public double rows() {
            return tp + fp + fn + tn;
        }

        public Metric accuracy() {
            return Metric.quotient(tp + tn, rows(), "no rows");
        }

        public Metric precision() {
            return Metric.quotient(tp, tp + fp, "nothing predicted positive");
        }

        public Metric recall() {
            return Metric.quotient(tp, tp + fn, NO_POSITIVES);
        }

        public Metric specificity() {
            return Metric.quotient(tn, tn + fp, "no negative rows");
        }

        public Metric f1() {
            return fBeta(1);
        }

        public Metric fBeta(double beta) {
            double b = beta * beta;
            return Metric.quotient((1 + b) * tp, (1 + b) * tp + b * fn + fp, "nothing positive anywhere");
        }
    }

    /** Counts {@code [label][prediction]} over several classes. */
    public static double[][] matrix(int[] labels, int[] predicted, int classes) {
        double[][] matrix = new double[classes][classes];
        for (int i = 0; i < labels.length; i++) {
            matrix[labels[i]][predicted[i]]++;
        }
        return matrix;
    }

    /** Matthews' correlation from a confusion matrix; 0 with a note when its denominator is zero. */
    public static Metric mcc(double[][] matrix) {
        double rows = 0;
        double correct = 0;
        double product = 0;
        double labelSquares = 0;
        double predictedSquares = 0;
        for (int k = 0; k < matrix.length; k++) {
            double labelled = Arrays.stream(matrix[k]).sum();
            double predicted = column(matrix, k);
            rows += labelled;
            correct += matrix[k][k];
            product += labelled * predicted;
            labelSquares += labelled * labelled;
            predictedSquares += predicted * predicted;
        }
        double denominator = Math.sqrt((rows * rows - predictedSquares) * (rows * rows - labelSquares));
        return denominator == 0
                ? new Metric(0, "zero denominator: only one class is present or predicted")
                : Metric.of((correct * rows - product) / denominator);
    }

    /** Mean recall over the classes that are present in the labels. */
    public static Metric balancedAccuracy(double[][] matrix) {
        double sum = 0;
        int present = 0;
        for (int k = 0; k < matrix.length; k++) {
            double labelled = Arrays.stream(matrix[k]).sum();
            if (labelled > 0) {
                sum += matrix[k][k] / labelled;
                present++;
            }
        }
        return Metric.quotient(sum, present, "no rows");
    }

    /** F1 over several classes: mean of classes, of pooled rows, and weighted by label counts. */
    public record F1(double macro, double micro, double weighted) {}

    /** A class that is only predicted counts with 0 in the macro mean. */
    public static F1 f1(double[][] matrix) {
        double macro = 0;
        double weighted = 0;
        double rows = 0;
        double correct = 0;
        int classes = 0;
        for (int k = 0; k < matrix.length; k++) {
            double labelled = Arrays.stream(matrix[k]).sum();
            double either = labelled + column(matrix, k);
            if (either > 0) {
                double f = 2 * matrix[k][k] / either;
                macro += f;
                weighted += f * labelled;
                classes++;
            }
            rows += labelled;
            correct += matrix[k][k];
        }
        return new F1(macro / Math.max(1, classes), correct / Math.max(1, rows), weighted / Math.max(1, rows));
    }

    /**
     * Average precision: sum over distinct thresholds of the gain in recall times precision, without interpolation. Undefined without
     * positives.
     */
    public static Metric averagePrecision(boolean[] labels, double[] scores, double @Nullable [] weights) {
        int[] order = Ranks.order(scores);
        double positives = 0;
        for (int i = 0; i < labels.length; i++) {
            positives += labels[i] ? (weights == null ? 1 : weights[i]) : 0;
        }
        double tp = 0;
        double fp = 0;
        double sum = 0;
        for (int from = order.length - 1; from >= 0; ) {
            double gained = 0;
            int to = from;
            for (; to >= 0 && scores[order[to]] == scores[order[from]]; to--) {
                double weight = weights == null ? 1 : weights[order[to]];
                gained += labels[order[to]] ? weight : 0;
                fp += labels[order[to]] ? 0 : weight;
            }
            tp += gained;
            sum += gained == 0 ? 0 : gained * tp / (tp + fp);
            from = to;
        }
        return Metric.quotient(sum, positives, NO_POSITIVES);
    }

    private static double column(double[][] matrix, int k) {
        double sum = 0;
        for (double[] row : matrix) {
            sum += row[k];
        }
        return sum;
    }
}
