package dev.perennial.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "'', e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "abc, " + ABC,
    })
    void theDigestIsSha256AsPublished(String text, String hex) throws IOException {
        assertThat(Digest.of(text).hex()).isEqualTo(hex);
        assertThat(Digest.of(text.getBytes(StandardCharsets.UTF_8))).hasToString(hex);
        assertThat(Digest.ofFile(Files.writeString(folder.resolve("f"), text))).hasToString(hex);
    }

    @Test
    void aTextIsHashedAsUtf8() {
        assertThat(Digest.of("é")).isEqualTo(Digest.of(new byte[] {(byte) 0xc3, (byte) 0xa9}));
    }

    @Test
    void aFileLongerThanOneReadHasTheDigestOfItsBytes() throws IOException {
        byte[] bytes = "0123456789".repeat(30_000).getBytes(StandardCharsets.US_ASCII);
        assertThat(Digest.ofFile(Files.write(folder.resolve("f"), bytes))).isEqualTo(Digest.of(bytes));
    }

    @Test
    void aFileThatCannotBeReadIsNamed() {
        assertThatThrownBy(() -> Digest.ofFile(folder.resolve("absent")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("absent");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "abc",
                "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                ABC + "0",
                "../../../../etc/passwd"
            })
    void whatIsNoDigestIsRefusedAndShown(String text) {
        assertThatThrownBy(() -> new Digest(text))
                .isInstanceOf(PerennialException.class)
                .hasMessage("digest '" + text + "' is not 64 lower-case hexadecimal digits");
    }

    @Test
    void theSeedIsTheFirstEightBytesWhateverTheirSign() {
        assertThat(new Digest(ABC).seed()).isEqualTo(0xba7816bf8f01cfeaL).isNegative();
        assertThat(new Digest(ABC).shortHex()).isEqualTo("ba7816bf8f01");
    }

    @Test
    void digestsAreOrderedByTheirDigits() {
        assertThat(new Digest("0".repeat(64))).isLessThan(new Digest("0".repeat(63) + "1"));
    }

    @Test
    void inJsonADigestIsItsText() {
        Digest digest = new Digest(ABC);
        assertThat(Json.write(digest)).isEqualTo("\"" + ABC + "\"");
        assertThat(Json.read("\"" + ABC + "\"", Digest.class)).isEqualTo(digest);
    }
}
