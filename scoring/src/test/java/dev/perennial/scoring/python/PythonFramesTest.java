package dev.perennial.scoring.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.python.PythonFrames.Frame;
import dev.perennial.scoring.python.PythonFrames.Part;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PythonFramesTest {
    @TempDir
    Path folder;

    private byte[] written(ObjectNode header, Part... parts) throws IOException {
        Path file = folder.resolve("frame");
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            PythonFrames.write(channel, header, List.of(parts));
        }
        return Files.readAllBytes(file);
    }

    private static Frame read(byte[] bytes) throws IOException {
        return PythonFrames.read(Channels.newChannel(new ByteArrayInputStream(bytes)));
    }

    private static byte[] frame(String header, byte... body) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + body.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(4 + text.length + body.length)
                .putInt(text.length)
                .put(text)
                .put(body)
                .array();
    }

    private static void refused(byte[] frame, String why) {
        assertThatThrownBy(() -> read(frame)).isInstanceOf(IOException.class).hasMessageContaining(why);
    }

    @Test
    void tensorsComeBackAsTheyWent() throws IOException {
        Tensor numbers = Tensor.of("n", DataType.INT16, new long[] {2, 1}, ByteBuffer.wrap(new byte[] {1, 0, -1, -1}));
        Tensor texts = Tensor.bytes("t", new long[] {2}, new byte[][] {{}, {1, 2, 3}});
        Tensor none = Tensor.doubles("none", new double[0]);
        Frame frame = read(written(Json.object().put("kind", "k"), Part.of(numbers), Part.of(texts), Part.of(none)));
        assertThat(frame.kind()).isEqualTo("k");
        assertThat(frame.tensors()).hasToString("[n INT16[2, 1], t BYTES[2], none FP64[0]]");
        assertThat(frame.tensors().get(0).whole(1)).isEqualTo(-1);
        assertThat(frame.tensors().get(1).string(1)).containsExactly(1, 2, 3);
    }

    @Test
    void theLayoutIsWhatTheChildReads() throws IOException {
        byte[] bytes = written(Json.object().put("k", 1), Part.texts("t", new String[] {"ä", null}));
        String header = "{\"k\":1,\"tensors\":[{\"name\":\"t\",\"datatype\":\"BYTES\",\"bytes\":10,\"shape\":[2]}]}";
        assertThat(bytes)
                .isEqualTo(frame(
                        header,
                        (byte) 2,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0xc3,
                        (byte) 0xa4,
                        (byte) -1,
                        (byte) -1,
                        (byte) -1,
                        (byte) -1));
    }

    @Test
    void aFrameWithoutTensorsHasNoListOfThem() throws IOException {
        assertThat(written(Json.object().put("kind", "ping"))).isEqualTo(frame("{\"kind\":\"ping\"}"));
    }

    @Test
    void aCutFrameIsTheEndOfTheConnection() throws IOException {
        byte[] whole = written(Json.object().put("kind", "k"), Part.of(Tensor.doubles("a", new double[] {1})));
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void lengthsThatDoNotFitAreRefusedBeforeMemoryIsTaken() {
        refused(new byte[] {-1, -1, -1, 127}, "a frame of 2147483647 bytes");
        refused(new byte[] {-1, -1, -1, -1}, "a frame of 4294967295 bytes");
        refused(new byte[] {3, 0, 0, 0, 0, 0, 0}, "a frame of 3 bytes");
        refused(new byte[] {4, 0, 0, 0, 9, 0, 0, 0}, "a header of 9 bytes in a frame of 4");
    }

    @Test
    void tensorsThatAreNoneAreRefused() {
        String tensor = "{\"tensors\":[{\"name\":\"a\",\"datatype\":\"%s\",\"shape\":%s,\"bytes\":%d}]}";
        refused(frame("nonsense"), "a frame that cannot be read");
        refused(frame(tensor.formatted("FP64", "[1]", 8)), "a tensor of 8 bytes where 0 are left");
        refused(frame(tensor.formatted("FP64", "[2]", 1), (byte) 0), "a frame that cannot be read");
        refused(frame(tensor.formatted("COMPLEX", "[1]", 1), (byte) 0), "a tensor of type \"COMPLEX\"");
        refused(frame(tensor.formatted("INT8", "[-1]", 1), (byte) 0), "a dimension of -1");
        refused(frame(tensor.formatted("BYTES", "[2000000000]", 1), (byte) 0), "2000000000 texts in 1 bytes");
        refused(
                frame(tensor.formatted("BYTES", "[1]", 4), (byte) 9, (byte) 0, (byte) 0, (byte) 0),
                "a text of 9 bytes");
        refused(frame(tensor.formatted("BYTES", "[1]", 4), (byte) -1, (byte) -1, (byte) -1, (byte) -1), "a text of -1");
    }

    @Test
    void anythingElseIsAnErrorOfTheConnectionAndNothingWorse() throws IOException {
        byte[] whole = written(
                Json.object().put("kind", "k"),
                Part.of(Tensor.doubles("a", new double[] {1, 2})),
                Part.texts("t", new String[] {"one", null}));
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = whole.clone();
            for (int change = random.nextInt(1, 4); change > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(read(bytes).tensors()).hasSizeLessThanOrEqualTo(2);
            } catch (IOException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}
