package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scoring.ModelSchema;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorBatchTest {
    private static Tensor floats(String name, int rows, int columns, float first) {
        ByteBuffer raw = ByteBuffer.allocate(rows * columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < rows * columns; i++) {
            raw.putFloat(first + i);
        }
        return Tensor.of(name, DataType.FP32, new long[] {rows, columns}, raw.flip());
    }

    private static Tensor texts(String... texts) {
        byte[][] bytes = new byte[texts.length][];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = texts[i].getBytes(java.nio.charset.StandardCharsets.UTF_8);
        }
        return Tensor.bytes("t", new long[] {texts.length}, bytes);
    }

    @Test
    void rowsAreJoinedInTheOrderOfTheCallsAndPartedAgain() {
        List<List<Tensor>> calls = List.of(
                List.of(floats("x", 1, 2, 10), texts("a")),
                List.of(floats("x", 0, 2, 0), texts()),
                List.of(floats("x", 2, 2, 20), texts("b", "c")));
        TensorBatch batch = TensorBatch.join(calls).orElseThrow();
        Tensor x = batch.inputs().get(0);
        assertThat(x.shape()).containsExactly(3, 2);
        assertThat(x.number(0)).isEqualTo(10);
        assertThat(x.number(5)).isEqualTo(23);

        List<List<Tensor>> parts = batch.part(batch.inputs()).orElseThrow();
        assertThat(parts.get(1).get(0).shape()).containsExactly(0, 2);
        assertThat(parts.get(2).get(0).number(0)).isEqualTo(20);
        assertThat(parts.get(2).get(1).text(1)).isEqualTo("c");
        assertThat(parts.get(0).get(1).shape()).containsExactly(1);
    }

    @Test
    void anAnswerOfAnotherNumberOfRowsIsNotParted() {
        TensorBatch batch = TensorBatch.join(List.of(List.of(texts("a")), List.of(texts("b"))))
                .orElseThrow();
        assertThat(batch.part(List.of(texts("only one")))).isEmpty();
    }

    @Test
    void inputsOfUnequalLengthAreNotJoined() {
        assertThat(TensorBatch.join(List.of(List.of(floats("x", 2, 1, 0), texts("a")))))
                .isEmpty();
    }

    @Test
    void callsAreAlikeOnlyWithTheSameNamesTypesAndInnerSizes() {
        List<Tensor> one = List.of(floats("x", 1, 2, 0));
        assertThat(TensorBatch.alike(one, List.of(floats("x", 5, 2, 0)))).isTrue();
        assertThat(TensorBatch.alike(one, List.of(floats("x", 1, 3, 0)))).isFalse();
        assertThat(TensorBatch.alike(one, List.of(floats("y", 1, 2, 0)))).isFalse();
        assertThat(TensorBatch.alike(one, List.of(texts("a")))).isFalse();
        assertThat(TensorBatch.alike(one, List.of())).isFalse();
    }

    @Test
    void aModelOfAFixedNumberOfRowsIsNeverGivenSeveralCalls() {
        TensorSpec open = TensorSpec.column("x", DataType.FP32);
        TensorSpec fixed = new TensorSpec("x", DataType.FP32, List.of(4L));
        TensorSpec scalar = new TensorSpec("x", DataType.FP32, List.of());
        assertThat(TensorBatch.possible(new ModelSchema(List.of(open), List.of(open), null)))
                .isTrue();
        assertThat(TensorBatch.possible(new ModelSchema(List.of(fixed), List.of(open), null)))
                .isFalse();
        assertThat(TensorBatch.possible(new ModelSchema(List.of(open), List.of(scalar), null)))
                .isFalse();
    }
}
