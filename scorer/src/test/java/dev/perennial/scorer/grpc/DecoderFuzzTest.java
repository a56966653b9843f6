package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever comes, a decoder reads it or says what is wrong with it; both without much memory. */
class DecoderFuzzTest {
    private static final int CASES = 200_000;
    private static final int BYTES_MAX = 64 << 10;
    private static final Set<ErrorCode> CALLERS_FAULT = Set.of(
            ErrorCode.INVALID_ARGUMENT,
            ErrorCode.MALFORMED_REQUEST,
            ErrorCode.TOO_LARGE,
            ErrorCode.TOO_MANY_REQUESTS,
            ErrorCode.NOT_IMPLEMENTED);

    @Test
    void requestsAreReadOrRefused() {
        SplittableRandom random = new SplittableRandom(20261122);
        List<byte[]> corpus = corpus();
        int read = 0;
        for (int i = 0; i < CASES; i++) {
            byte[] message = mutated(random, corpus);
            try {
                InferRequest.Head.read(new ProtoReader(message));
                InferRequest request = InferRequest.read(new ProtoReader(message), BYTES_MAX);
                look(request);
                read++;
            } catch (PerennialException e) {
                callersFault(e, message);
            } catch (RuntimeException e) {
                fail("case " + i + ": " + HexFormat.of().formatHex(message), e);
            }
        }
        assertThat(read).isBetween(CASES / 50, CASES / 2); // both ways are taken
    }

    @Test
    void framesAreReadOrRefusedAndNothingIsHeldAfterwards() {
        SplittableRandom random = new SplittableRandom(7);
        Budget budget = new Budget(4 * BYTES_MAX);
        List<byte[]> corpus = corpus();
        int messages = 0;
        for (int i = 0; i < CASES; i++) {
            Encoding encoding = Encoding.values()[random.nextInt(3)];
            FrameReader reader = new FrameReader(BYTES_MAX, encoding, budget);
            byte[] bytes = stream(random, corpus, encoding);
            int[] count = {0};
            try {
                int at = 0;
                while (at < bytes.length) {
                    int piece = Math.min(bytes.length - at, 1 + random.nextInt(200));
                    reader.read(Buffer.buffer(Arrays.copyOfRange(bytes, at, at + piece)), message -> ++count[0] > 0);
                    at += piece;
                }
            } catch (PerennialException e) {
                callersFault(e, bytes);
            } catch (RuntimeException e) {
                fail("case " + i + ": " + HexFormat.of().formatHex(bytes), e);
            }
            if (budget.held() > 4 * BYTES_MAX) {
                fail(budget.held() + " bytes are held");
            }
            reader.release();
            messages += count[0];
        }
        assertThat(budget.held()).isZero();
        assertThat(messages).isGreaterThan(CASES / 10);
    }

    @Test
    void reflectionAnswersOrRefuses() {
        SplittableRandom random = new SplittableRandom(11);
        ReflectionCalls reflection = new ReflectionCalls(new Descriptors());
        List<byte[]> corpus = List.of(
                Proto.message().text(7, "").bytes(),
                Proto.message().text(3, "inference.proto").bytes(),
                Proto.message().text(4, "inference.DataType").bytes(),
                Proto.message()
                        .message(5, Proto.message().text(1, "a").whole(2, 3))
                        .bytes(),
                Proto.message().text(1, "host").text(6, "a.b").bytes());
        for (int i = 0; i < 20_000; i++) {
            byte[] message = mutated(random, corpus);
            try {
                reflection.answer(message, new ProtoWriter());
            } catch (PerennialException e) {
                callersFault(e, message);
            } catch (RuntimeException e) {
                fail(HexFormat.of().formatHex(message), e);
            }
        }
    }

    private static void look(InferRequest request) {
        long bytes = 0;
        for (Tensor tensor : request.inputs()) {
            bytes += tensor.raw().remaining();
            if (tensor.elements() != Tensor.elements(tensor.shape())) {
                fail(tensor + " has " + tensor.elements() + " elements");
            }
            for (int i = 0; tensor.type() == DataType.BYTES && i < tensor.elements(); i++) {
                bytes += tensor.string(i).length;
            }
        }
        if (bytes > 2 * BYTES_MAX) {
            fail(bytes + " bytes of tensors");
        }
    }

    private static void callersFault(PerennialException e, byte[] message) {
        if (!CALLERS_FAULT.contains(e.code())) {
            fail(e.code() + " for " + HexFormat.of().formatHex(message), e);
        }
    }

    /** Requests of all types, typed and raw. */
    static List<byte[]> corpus() {
        List<byte[]> corpus = new ArrayList<>();
        for (DataType type : DataType.values()) {
            byte[] raw = type == DataType.BYTES ? new byte[] {1, 0, 0, 0, 65, 0, 0, 0, 0} : new byte[2 * type.bytes()];
            corpus.add(InferRequestTest.one(InferRequestTest.input("x", type.name(), new long[] {2}, null))
                    .bytes(7, raw)
                    .bytes());
        }
        Proto contents = Proto.message().wholes(2, 1, -5, 100);
        corpus.add(InferRequestTest.one(InferRequestTest.input("x", "INT32", new long[] {3, 1}, contents))
                .text(2, "1")
                .text(3, "id")
                .message(
                        4, InferRequestTest.parameter("timeout", Proto.message().whole(2, 5_000_000)))
                .message(6, Proto.message().text(1, "y"))
                .bytes());
        Proto strings = Proto.message().text(8, "a").text(8, "ü");
        corpus.add(InferRequestTest.one(InferRequestTest.input("c", "BYTES", new long[] {2}, strings))
                .bytes());
        Proto doubles = Proto.message().fixed64(7, 1.5);
        corpus.add(InferRequestTest.one(InferRequestTest.input("x", "FP64", new long[] {1}, doubles))
                .bytes());
        return corpus;
    }

    static byte[] mutated(SplittableRandom random, List<byte[]> corpus) {
        byte[] bytes = corpus.get(random.nextInt(corpus.size())).clone();
        int changes = random.nextInt(4);
        for (int c = 0; c < changes && bytes.length > 0; c++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0xff : 0x7f);
                case 3 -> bytes = Arrays.copyOf(bytes, at);
                case 4 -> bytes = spliced(bytes, at, corpus.get(random.nextInt(corpus.size())), random);
                default -> bytes = spliced(bytes, at, noise(random), random);
            }
        }
        return bytes;
    }

    private static byte[] spliced(byte[] bytes, int at, byte[] other, SplittableRandom random) {
        int taken = other.length == 0 ? 0 : random.nextInt(other.length + 1);
        byte[] out = Arrays.copyOf(bytes, bytes.length + taken);
        System.arraycopy(other, 0, out, at, taken);
        System.arraycopy(bytes, at, out, at + taken, bytes.length - at);
        return out;
    }

    private static byte[] noise(SplittableRandom random) {
        byte[] noise = new byte[random.nextInt(40)];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] stream(SplittableRandom random, List<byte[]> corpus, Encoding encoding) {
        Buffer out = Buffer.buffer();
        for (int i = random.nextInt(3); i >= 0; i--) {
            byte[] message = corpus.get(random.nextInt(corpus.size()));
            boolean packed = encoding != Encoding.IDENTITY && random.nextBoolean();
            byte[] sent = packed ? encoding.deflate(message, 0, message.length) : message;
            out.appendByte((byte) (packed ? 1 : 0)).appendInt(sent.length).appendBytes(sent);
        }
        return random.nextInt(3) == 0 ? out.getBytes() : mutated(random, List.of(out.getBytes()));
    }
}
