package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scorer.GuardedScorer;
import dev.perennial.scorer.access.Right;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same rights over gRPC, whose token travels as metadata. */
class GrpcAccessIT {
    private static final String SERVICE = "/inference.GRPCInferenceService/";
    private static final int NOT_FOUND = 5;
    private static final int DENIED = 7;
    private static final int UNAUTHENTICATED = 16;

    @TempDir
    static Path folder;

    private static GuardedScorer scorer;
    private static GrpcCaller caller;

    @BeforeAll
    static void start() throws Exception {
        scorer = new GuardedScorer(folder);
        caller = new GrpcCaller(scorer.port());
    }

    @AfterAll
    static void stop() {
        caller.close();
        scorer.close();
    }

    private static int status(String method, Proto message, String... headers) {
        return caller.call(SERVICE + method, message.frame(), headers).status();
    }

    private static Proto infer(String version) {
        return GrpcIT.row().text(2, version);
    }

    @ParameterizedTest
    @CsvSource({"ServerLive", "ServerReady", "ServerMetadata"})
    void signsOfLifeNeedNoToken(String method) {
        assertThat(status(method, Proto.message())).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "ModelReady",
        "ModelMetadata",
        "ModelConfig",
        "ModelStatistics",
        "RepositoryIndex",
        "RepositoryModelLoad"
    })
    void whatIsAboutModelsNeedsOne(String method) {
        assertThat(status(method, Proto.message().text(1, "m"))).isEqualTo(UNAUTHENTICATED);
        assertThat(status(method, Proto.message().text(1, "m"), "authorization", "Bearer x"))
                .isEqualTo(UNAUTHENTICATED);
    }

    @ParameterizedTest
    @CsvSource({"READ, 7, 7", "USE, 0, 7", "EDIT, 0, 0"})
    void answersNeedUseAndAChosenVersionEdit(Right right, int plain, int chosen) {
        String bearer = scorer.bearer(right);
        assertThat(status("ModelInfer", infer(""), "authorization", bearer)).isEqualTo(plain);
        assertThat(status("ModelInfer", infer("2"), "authorization", bearer)).isEqualTo(chosen);
        assertThat(status("ModelInfer", infer(""))).isEqualTo(UNAUTHENTICATED);
    }

    @Test
    void aStreamIsTheSame() {
        assertThat(status("ModelStreamInfer", infer(""))).isEqualTo(UNAUTHENTICATED);
        var reply = caller.call(
                SERVICE + "ModelStreamInfer", infer("").frame(), "authorization", scorer.bearer(Right.READ));
        assertThat(reply.status()).isIn(0, DENIED);
        assertThat(reply.status() == 0 ? reply.message1().next() : true).isTrue();
        assertThat(new String(reply.body(), java.nio.charset.StandardCharsets.UTF_8) + reply.message())
                .contains("may not ask for answers");
    }

    @Test
    void whatOneMayNotSeeIsNotThere() {
        String bearer = scorer.stranger();
        assertThat(status("ModelMetadata", Proto.message().text(1, "m"), "authorization", bearer))
                .isEqualTo(NOT_FOUND);
        assertThat(status("ModelInfer", infer(""), "authorization", bearer)).isEqualTo(NOT_FOUND);
    }

    @Test
    void healthOfAModelIsToldToWhoMaySeeIt() {
        String check = "/grpc.health.v1.Health/Check";
        Proto model = Proto.message().text(1, "m");
        assertThat(caller.call(check, Proto.message().frame()).status()).isZero();
        assertThat(caller.call(check, model.frame()).status()).isEqualTo(NOT_FOUND);
        assertThat(caller.call(check, model.frame(), "authorization", scorer.stranger())
                        .status())
                .isEqualTo(NOT_FOUND);
        assertThat(caller.call(check, model.frame(), "authorization", scorer.bearer(Right.READ))
                        .status())
                .isZero();
    }
}
