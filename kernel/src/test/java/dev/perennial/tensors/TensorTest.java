package dev.perennial.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {
    @ParameterizedTest
    @CsvSource({
        "BOOL, 01, 1",
        "UINT8, ff, 255",
        "INT8, ff, -1",
        "UINT16, ffff, 65535",
        "INT16, ffff, -1",
        "UINT32, ffffffff, 4294967295",
        "INT32, feffffff, -2",
        "UINT64, ffffffffffffffff, 18446744073709551616",
        "UINT64, 0000000000000080, 9223372036854775808",
        "INT64, ffffffffffffffff, -1",
        "FP16, 003c, 1",
        "FP16, ff7b, 65504",
        "BF16, 803f, 1",
        "FP32, 0000c03f, 1.5",
        "FP64, 000000000000f83f, 1.5"
    })
    void bytesBecomeNumbersByTheirType(DataType type, String hex, double number) {
        ByteBuffer raw = ByteBuffer.wrap(java.util.HexFormat.of().parseHex(hex));
        assertThat(Tensor.of("t", type, new long[] {1}, raw).number(0)).isEqualTo(number);
    }

    @Test
    void theOrderOfTheGivenBufferDoesNotMatter() {
        ByteBuffer big = ByteBuffer.wrap(new byte[] {1, 0, 0, 0, 2, 0, 0, 0}).order(ByteOrder.BIG_ENDIAN);
        big.position(4);
        assertThat(Tensor.of("t", DataType.INT32, new long[] {1}, big).whole(0)).isEqualTo(2);
    }

    @Test
    void aShapeThatDoesNotBelongToTheBytesIsRefused() {
        ByteBuffer raw = ByteBuffer.allocate(12);
        assertThatThrownBy(() -> Tensor.of("t", DataType.FP32, new long[] {2, 2}, raw))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("FP32 [2, 2] of 12 bytes");
    }

    @Test
    void elementsOfHugeShapesAreRefusedInsteadOfOverflowing() {
        assertThatThrownBy(() -> Tensor.elements(new long[] {1L << 40, 1L << 40}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensor.elements(new long[] {-1})).isInstanceOf(IllegalArgumentException.class);
        assertThat(Tensor.elements(new long[] {1L << 30, 0})).isZero();
        assertThat(Tensor.elements(new long[] {})).isOne();
    }

    @Test
    void byteStringsKeepBytesThatAreNoText() {
        byte[] odd = {(byte) 0xff, 0};
        Tensor tensor = Tensor.bytes("t", new long[] {2}, new byte[][] {odd, "é".getBytes(StandardCharsets.UTF_8)});
        assertThat(tensor.string(0)).isEqualTo(odd);
        assertThat(tensor.text(1)).isEqualTo("é");
        assertThatThrownBy(() -> tensor.number(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSpecificationFitsShapesOfItsRank() {
        TensorSpec spec = new TensorSpec("t", DataType.FP32, List.of(-1L, 3L));
        assertThat(spec.fits(new long[] {7, 3})).isTrue();
        assertThat(spec.fits(new long[] {7, 4})).isFalse();
        assertThat(spec.fits(new long[] {7})).isFalse();
    }

    @Test
    void aTensorCanTakeAnotherShapeOfAsManyElements() {
        Tensor tensor = Tensor.doubles("t", new double[] {1, 2});
        assertThat(tensor.shaped(new long[] {2, 1}).toString()).isEqualTo("t FP64[2, 1]");
        assertThat(tensor.shaped(new long[] {2, 1}).rank()).isEqualTo(2);
        assertThat(tensor.shaped(new long[] {2, 1}).number(1)).isEqualTo(2);
        assertThatThrownBy(() -> tensor.shaped(new long[] {3})).hasMessage("t FP64[2] is not [3]");
    }

    @ParameterizedTest
    @EnumSource(names = "BYTES", mode = EnumSource.Mode.EXCLUDE)
    void allNumbersAreWhatEachIs(DataType type) {
        byte[] bytes = new byte[3 * type.bytes()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (type == DataType.BOOL ? i & 1 : 0x3f + i * 37);
        }
        Tensor tensor = Tensor.of("t", type, new long[] {3}, ByteBuffer.wrap(bytes));
        assertThat(tensor.numbers()).containsExactly(tensor.number(0), tensor.number(1), tensor.number(2));
    }

    @Test
    void byteStringsAreNoNumbers() {
        Tensor texts = Tensor.bytes("t", new long[] {1}, new byte[][] {{'1'}});
        assertThatThrownBy(texts::numbers).isInstanceOf(IllegalStateException.class);
    }
}
