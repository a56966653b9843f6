package dev.perennial.scorer.http.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClassificationTest {
    private static String[] texts(Tensor tensor) {
        return IntStream.range(0, tensor.elements()).mapToObj(tensor::text).toArray(String[]::new);
    }

    @Test
    void theHighestElementsOfEachRowComeFirst() {
        Tensor scores = Tensor.doubles("p", new double[] {0.1, 0.7, 0.2, 0.5, 0.25, 0.25})
                .shaped(new long[] {2, 3});
        Tensor classes = Classification.of(scores, 2);
        assertThat(classes).hasToString("p BYTES[2, 2]");
        assertThat(texts(classes)).containsExactly("0.700000:1", "0.200000:2", "0.500000:0", "0.250000:1");
    }

    @Test
    void wholeNumbersArePrintedWhole() {
        Tensor votes =
                Tensor.of("v", DataType.UINT8, new long[] {1, 3}, ByteBuffer.wrap(new byte[] {3, (byte) 200, 7}));
        assertThat(texts(Classification.of(votes, 1))).containsExactly("200:1");
    }

    @Test
    void moreClassesThanThereAreMeansAll() {
        Tensor scores = Tensor.doubles("p", new double[] {1, 2}).shaped(new long[] {1, 2});
        assertThat(texts(Classification.of(scores, 10))).containsExactly("2.000000:1", "1.000000:0");
    }

    @Test
    void oneValueForEachRowHasNoClasses() {
        assertThatThrownBy(() -> Classification.of(Tensor.doubles("p", new double[] {1, 2}), 1))
                .hasMessage("outputs: classification needs an output of [rows, classes]; 'p' is p FP64[2]");
    }
}
