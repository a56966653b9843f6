package dev.perennial.scorer.http.v2;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.http.Problems;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The classification extension: of each row the highest elements, as texts {@code value:index}. */
final class Classification {
    private static final int MATRIX = 2;

    private Classification() {}

    /** @throws PerennialException for an output that has no classes */
    static Tensor of(Tensor output, int classes) {
        if (output.type() == DataType.BYTES || output.type() == DataType.BOOL || output.rank() != MATRIX) {
            throw noClasses(output.name(), output.toString());
        }
        int rows = (int) output.shape()[0];
        int width = (int) output.shape()[1];
        int wanted = Math.min(classes, width);
        byte[][] texts = new byte[rows * wanted][];
        for (int row = 0; row < rows; row++) {
            int from = row * width;
            List<Integer> best = IntStream.range(0, width)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer i) -> -output.number(from + i)))
                    .limit(wanted)
                    .toList();
            for (int i = 0; i < wanted; i++) {
                String text = value(output, from + best.get(i)) + ":" + best.get(i);
                texts[row * wanted + i] = text.getBytes(StandardCharsets.UTF_8);
            }
        }
        return Tensor.bytes(output.name(), new long[] {rows, wanted}, texts);
    }

    static PerennialException noClasses(String name, String what) {
        return Problems.one("outputs", "classification needs an output of [rows, classes]; '" + name + "' is " + what);
    }

    private static String value(Tensor output, int at) {
        return output.type().whole()
                ? Long.toString(output.whole(at))
                : String.format(Locale.ROOT, "%f", output.number(at));
    }
}
