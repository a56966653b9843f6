package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.perennial.scorer.GrpcScorer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls byte for byte, against a scorer whose messages may have 1 MiB. */
class GrpcIT {
    private static final String SERVICE = "/inference.GRPCInferenceService/";
    private static final int BYTES_MAX = 1 << 20;

    @TempDir
    static Path folder;

    private static GrpcScorer scorer;
    private static GrpcCaller caller;

    @BeforeAll
    static void start() throws Exception {
        scorer = new GrpcScorer(folder, "--body-bytes", Integer.toString(BYTES_MAX));
        caller = new GrpcCaller(scorer.port());
    }

    @AfterAll
    static void stop() throws Exception {
        assertThat(gauge("perennial_scorer_grpc_message_bytes")).isZero();
        caller.close();
        scorer.close();
    }

    @Test
    void oneRowIsScored() {
        GrpcCaller.Reply reply = caller.infer(row().text(3, "r1"));
        assertThat(reply.status()).as(reply.message()).isZero();
        assertThat(reply.headers()).containsEntry("content-type", "application/grpc");
        assertThat(score(reply)).isCloseTo(0.25, within(1e-6));
    }

    @Test
    void anErrorStandsInTheHead() {
        GrpcCaller.Reply reply = caller.infer(row().text(1, "nobody"));
        assertThat(reply.http()).isEqualTo(200);
        assertThat(reply.trailersOnly()).isTrue();
        assertThat(reply.status()).isEqualTo(5);
        assertThat(reply.message()).startsWith("there is no endpoint 'nobody'; there are");
        assertThat(reply.body()).isEmpty();
    }

    @Test
    void anErrorWithLettersBeyondAsciiArrives() {
        GrpcCaller.Reply reply = caller.infer(row().text(1, "größer\n🌲"));
        assertThat(reply.message()).startsWith("there is no endpoint 'größer\n🌲'");
    }

    @Test
    void messagesInPiecesAreTheSame() {
        byte[] frame = row().frame();
        HttpClientRequest request = caller.open(GrpcCaller.INFER, Arrays.copyOf(frame, 3));
        request.write(Buffer.buffer(Arrays.copyOfRange(frame, 3, 20)));
        request.end(Buffer.buffer(Arrays.copyOfRange(frame, 20, frame.length)));
        assertThat(score(caller.reply(request))).isCloseTo(0.25, within(1e-6));
    }

    @ParameterizedTest
    @CsvSource({"gzip, GZIP", "deflate, DEFLATE"})
    void anAnswerIsCompressedAsTheRequestIfTheCallerTakesThat(String word, Encoding encoding) {
        byte[] message = row().bytes();
        byte[] packed = encoding.deflate(message, 0, message.length);
        byte[] frame = ByteBuffer.allocate(5 + packed.length)
                .put((byte) 1)
                .putInt(packed.length)
                .put(packed)
                .array();
        GrpcCaller.Reply reply = caller.call(
                GrpcCaller.INFER, frame, "grpc-encoding", word, "grpc-accept-encoding", "identity,deflate,gzip");
        assertThat(reply.status()).as(reply.message()).isZero();
        assertThat(reply.headers()).containsEntry("grpc-encoding", word);
        assertThat(reply.body()[0]).isEqualTo((byte) 1);
        byte[] answer = encoding.inflate(Arrays.copyOfRange(reply.body(), 5, reply.body().length), 10_000);
        assertThat(new ProtoReader(answer).next()).isTrue();
        GrpcCaller.Reply plain = caller.call(GrpcCaller.INFER, frame, "grpc-encoding", word);
        assertThat(plain.headers()).doesNotContainKey("grpc-encoding");
        assertThat(score(plain)).isCloseTo(0.25, within(1e-6));
    }

    @Test
    void aBombIsRefusedAtTheLimit() {
        byte[] packed = Encoding.GZIP.deflate(new byte[8 << 20], 0, 8 << 20);
        byte[] frame = ByteBuffer.allocate(5 + packed.length)
                .put((byte) 1)
                .putInt(packed.length)
                .put(packed)
                .array();
        GrpcCaller.Reply reply = caller.call(GrpcCaller.INFER, frame, "grpc-encoding", "gzip");
        assertThat(reply.status()).isEqualTo(8);
        assertThat(reply.message()).isEqualTo("the decompressed message is larger than 1048576 bytes (--body-bytes)");
    }

    @Test
    void anUnknownEncodingIsUnimplementedAndSaysWhichThereAre() {
        GrpcCaller.Reply reply = caller.infer(row(), "grpc-encoding", "snappy");
        assertThat(reply.status()).isEqualTo(12);
        assertThat(reply.headers()).containsEntry("grpc-accept-encoding", "identity,deflate,gzip");
    }

    @Test
    void aMessageOfTheLimitPassesAndAnotherByteDoesNot() {
        Proto tensor = InferRequestTest.input("x", "FP32", new long[] {1, 0}, null);
        int rest = BYTES_MAX
                - InferRequestTest.one(tensor).text(1, "identity_matrix").bytes().length;
        Proto full = InferRequestTest.one(tensor).text(1, "identity_matrix").bytes(99, new byte[rest - 6]);
        int size = full.bytes().length;
        assertThat(size).isBetween(BYTES_MAX - 2, BYTES_MAX);
        Proto exact = full.raw(size == BYTES_MAX - 2 ? new int[] {0x10, 0} : new int[0]);
        assertThat(caller.infer(exact).status()).isZero();
        GrpcCaller.Reply reply = caller.infer(InferRequestTest.one(tensor).bytes(99, new byte[BYTES_MAX]));
        assertThat(reply.status()).isEqualTo(8);
        assertThat(reply.message()).contains("at most 1048576 are possible");
    }

    @Test
    void aCallerThatSendsTooMuchGetsItsErrorBeforeAllIsSent() {
        HttpClientRequest request = caller.open(GrpcCaller.INFER, new byte[] {0, 0x7f, 0, 0, 0});
        GrpcCaller.Reply reply = caller.reply(request);
        assertThat(reply.status()).isEqualTo(8);
        request.reset();
        assertThat(caller.infer(row()).status()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "00 ~ the call ends within a message",
                "0000000005aabb ~ the call ends within a message",
                "'' ~ the method takes one message; there is none",
                "00000000000000000000 ~ the method takes one message; there are more",
                "07 00000000 ~ a message begins with the flag 7; it must be 0 or 1",
                "01 00000000 ~ a message is marked as compressed, but there is no grpc-encoding",
                "00 00000001 ff ~ the message is not well-formed protobuf: the message ends within a number",
                "00 00000000 ~ there is no endpoint ''"
            })
    void badFramesAreTheCallersFault(String hex, String text) {
        byte[] body = java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
        GrpcCaller.Reply reply = caller.call(GrpcCaller.INFER, body);
        assertThat(reply.message()).startsWith(text);
        assertThat(reply.status()).isIn(3, 5);
    }

    @Test
    void aDeadlineThatPassedBeforeTheMessageCameEndsTheCall() {
        HttpClientRequest request = caller.open(GrpcCaller.INFER, new byte[] {0, 0}, "grpc-timeout", "20m");
        GrpcCaller.Reply reply = caller.reply(request);
        assertThat(reply.status()).isEqualTo(4);
        assertThat(reply.message()).isEqualTo("the deadline passed before the answer was there");
        request.reset();
    }

    @Test
    void workWhoseDeadlinePassedIsNotBegun() {
        GrpcCaller.Reply reply = caller.infer(row(), "grpc-timeout", "1n");
        assertThat(reply.status()).isEqualTo(4);
        assertThat(reply.message()).isEqualTo("the deadline passed before the model could begin");
    }

    @Test
    void theParameterTimeoutIsADeadlineToo() {
        Proto timeout = InferRequestTest.parameter("timeout", Proto.message().whole(2, 3_600_000_000L));
        assertThat(caller.infer(row().message(4, timeout)).status()).isZero();
    }

    @Test
    void anImpossibleDeadlineIsRefused() {
        GrpcCaller.Reply reply = caller.infer(row(), "grpc-timeout", "soon");
        assertThat(reply.status()).isEqualTo(3);
        assertThat(reply.message()).contains("grpc-timeout 'soon'");
    }

    @Test
    void aCancelledCallIsCountedAndItsBytesAreGivenBack() throws Exception {
        double before = counter("CANCELLED");
        HttpClientRequest request = caller.open(GrpcCaller.INFER, new byte[] {0, 0, 1, 0, 0, 1, 2, 3});
        awaitGauge(value -> value > 0);
        request.reset(8);
        awaitGauge(value -> value == 0);
        assertThat(counter("CANCELLED")).isEqualTo(before + 1);
        assertThat(caller.infer(row()).status()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "/inference.GRPCInferenceService/Nothing, there is no method",
        "/nobody/Knows, there is no method",
        "/, there is no method",
        "/inference.GRPCInferenceService/SystemSharedMemoryRegister, shared memory is not supported"
    })
    void methodsThatAreNotThereAreUnimplemented(String path, String text) {
        GrpcCaller.Reply reply = caller.call(path, Proto.message().frame());
        assertThat(reply.status()).isEqualTo(12);
        assertThat(reply.message()).startsWith(text);
    }

    @Test
    void onlyProtobufByPostIsGrpc() {
        GrpcCaller.Reply json = caller.infer(row(), "content-type", "application/grpc+json");
        assertThat(json.status()).isEqualTo(12);
        assertThat(json.message()).contains("use application/grpc");
        GrpcCaller.Reply get = caller.get(GrpcCaller.INFER);
        assertThat(get.status()).isEqualTo(12);
        assertThat(get.message()).isEqualTo("gRPC calls are POST requests");
    }

    @Test
    void aForeignPageOrHostIsRefusedAsOverRest() {
        GrpcCaller.Reply page = caller.infer(row(), "origin", "https://evil.example");
        assertThat(page.status()).isEqualTo(7);
        assertThat(page.message()).contains("https://evil.example");
    }

    @Test
    void loadIsUnderstoodAsTritonAndAsKserveSendIt() {
        for (Proto load :
                new Proto[] {Proto.message().text(1, "m"), Proto.message().text(2, "m")}) {
            GrpcCaller.Reply reply = caller.call(SERVICE + "RepositoryModelLoad", load.frame());
            assertThat(reply.status()).as(reply.message()).isZero();
        }
        Proto unknown = Proto.message().text(1, "repository").text(2, "nobody");
        assertThat(caller.call(SERVICE + "RepositoryModelUnload", unknown.frame())
                        .status())
                .isEqualTo(5);
    }

    @Test
    void anUnknownModelIsNotReadyWhichIsNoError() {
        GrpcCaller.Reply reply = caller.call(
                SERVICE + "ModelReady", Proto.message().text(1, "nobody").frame());
        assertThat(reply.status()).isZero();
        assertThat(reply.body()).hasSize(5); // false is left out
    }

    @Test
    void restAnswersOnTheSamePortOverHttp1AndHttp2() throws Exception {
        for (HttpClient.Version version : HttpClient.Version.values()) {
            try (HttpClient client = HttpClient.newBuilder().version(version).build()) {
                URI live = URI.create(scorer.url() + "/v2/health/live");
                HttpResponse<String> reply =
                        client.send(HttpRequest.newBuilder(live).build(), HttpResponse.BodyHandlers.ofString());
                assertThat(reply.statusCode()).isEqualTo(200);
                assertThat(reply.body()).isEqualTo("{\"live\":true}");
            }
        }
    }

    static Proto row() {
        return Proto.message()
                .text(1, "m")
                .message(
                        5,
                        InferRequestTest.input(
                                "x", "FP64", new long[] {1}, Proto.message().fixed64(7, 1.5)))
                .message(
                        5,
                        InferRequestTest.input(
                                "c", "BYTES", new long[] {1}, Proto.message().text(8, "a")));
    }

    static double score(GrpcCaller.Reply reply) {
        assertThat(reply.status()).as(reply.message()).isZero();
        ProtoReader in = reply.message1();
        while (in.next()) {
            if (in.field() == 6) {
                return in.view().order(ByteOrder.LITTLE_ENDIAN).getDouble();
            }
            in.skip();
        }
        throw new AssertionError("no raw_output_contents");
    }

    private static double counter(String status) throws IOException, InterruptedException {
        return metric("perennial_scorer_grpc_requests_total\\{status=\"" + status + "\"\\}");
    }

    private static double gauge(String name) throws IOException, InterruptedException {
        return metric(name + "\\{\\}");
    }

    private static void awaitGauge(java.util.function.DoublePredicate condition) throws Exception {
        for (int i = 0; i < 10_000; i++) {
            if (condition.test(gauge("perennial_scorer_grpc_message_bytes"))) {
                return;
            }
        }
        throw new AssertionError("waited in vain");
    }

    private static double metric(String series) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            String text = client.send(
                            HttpRequest.newBuilder(URI.create(scorer.url() + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            Matcher matcher = Pattern.compile(series + " (\\S+)\n").matcher(text);
            assertThat(matcher.find()).as(series + " in " + text).isTrue();
            return Double.parseDouble(matcher.group(1));
        }
    }
}
