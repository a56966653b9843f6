package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContentsTest {
    private static final long[] SHAPE = {3, 5};
    private static final int ELEMENTS = 15;

    @ParameterizedTest
    @EnumSource(DataType.class)
    void rawContentsComeBackBitForBit(DataType type) {
        Tensor tensor = random(type);
        ProtoWriter out = new ProtoWriter();
        Contents.writeRaw(6, tensor, out);
        ProtoReader in = new ProtoReader(out.message());
        in.next();
        same(tensor, Contents.raw("x", type, SHAPE, ELEMENTS, in.view()));
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"FP16", "BF16"})
    void typedContentsComeBackBitForBit(DataType type) {
        Tensor tensor = random(type);
        ProtoWriter out = new ProtoWriter();
        Contents.writeTyped(5, tensor, out);
        ProtoReader in = new ProtoReader(out.message());
        in.next();
        same(tensor, Contents.typed("x", type, SHAPE, ELEMENTS, in.message()));
    }

    @Test
    void everyTypeHasTheNumberThatTritonGivesIt() {
        assertThat(DataType.values())
                .extracting(ModelCalls::tritonType)
                .doesNotHaveDuplicates()
                .allMatch(number -> number >= 1 && number <= 14);
        assertThat(ModelCalls.tritonType(DataType.BYTES)).isEqualTo(13);
        assertThat(ModelCalls.tritonType(DataType.BF16)).isEqualTo(14);
    }

    private static void same(Tensor wanted, Tensor actual) {
        assertThat(actual.shape()).isEqualTo(wanted.shape());
        assertThat(actual.raw()).isEqualTo(wanted.raw());
        for (int i = 0; wanted.type() == DataType.BYTES && i < ELEMENTS; i++) {
            assertThat(actual.string(i)).isEqualTo(wanted.string(i));
        }
    }

    private static Tensor random(DataType type) {
        SplittableRandom random = new SplittableRandom(type.ordinal());
        if (type == DataType.BYTES) {
            byte[][] strings = new byte[ELEMENTS][];
            for (int i = 0; i < ELEMENTS; i++) {
                strings[i] = new byte[i];
                random.nextBytes(strings[i]);
            }
            return Tensor.bytes("x", SHAPE, strings);
        }
        byte[] raw = new byte[ELEMENTS * type.bytes()];
        random.nextBytes(raw);
        for (int i = 0; type == DataType.BOOL && i < raw.length; i++) {
            raw[i] &= 1;
        }
        return Tensor.of("x", type, SHAPE, ByteBuffer.wrap(raw));
    }
}
