package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scorer.GrpcScorer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is sent over the wire, the call ends, blames the caller and leaves the scorer as it was. */
class GrpcFuzzIT {
    private static final int CASES = 600;
    /** OK, INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED, UNIMPLEMENTED. */
    private static final Set<Integer> FINE = Set.of(0, 3, 5, 8, 12, 10);

    @TempDir
    Path folder;

    @Test
    void everyCallEndsAndNoneIsOurFault() throws Exception {
        SplittableRandom random = new SplittableRandom(42);
        List<String> paths = Services.all(
                        new InferCalls(null, null, 0),
                        new ModelCalls(null, null, null),
                        new HealthCalls(null, null),
                        new ReflectionCalls(null))
                .keySet()
                .stream()
                .filter(path -> !path.endsWith("/Watch"))
                .sorted()
                .toList();
        List<byte[]> corpus = new ArrayList<>(DecoderFuzzTest.corpus());
        corpus.add(GrpcIT.row().bytes());
        corpus.add(Proto.message().text(1, "m").text(2, "1").bytes());
        corpus.add(Proto.message().text(7, "").bytes());
        try (GrpcScorer scorer = new GrpcScorer(folder, "--body-bytes", "65536");
                GrpcCaller caller = new GrpcCaller(scorer.port())) {
            int answered = 0;
            for (int i = 0; i < CASES; i++) {
                byte[] message = DecoderFuzzTest.mutated(random, corpus);
                byte[] frame = ByteBuffer.allocate(5 + message.length)
                        .put((byte) 0)
                        .putInt(message.length)
                        .put(message)
                        .array();
                byte[] sent = random.nextInt(4) == 0 ? DecoderFuzzTest.mutated(random, List.of(frame)) : frame;
                String path = random.nextBoolean() ? GrpcCaller.INFER : paths.get(random.nextInt(paths.size()));
                GrpcCaller.Reply reply = caller.call(path, sent);
                assertThat(FINE)
                        .as(path + " " + HexFormat.of().formatHex(sent) + ": " + reply.message())
                        .contains(reply.status());
                answered += reply.status() == 0 ? 1 : 0;
            }
            assertThat(answered).isBetween(CASES / 20, CASES - CASES / 5);
            assertThat(GrpcIT.score(caller.infer(GrpcIT.row()))).isBetween(0.24, 0.26);
        }
    }
}
