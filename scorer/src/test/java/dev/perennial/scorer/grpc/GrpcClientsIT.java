package dev.perennial.scorer.grpc;

import dev.perennial.scorer.GrpcScorer;
import dev.perennial.testkit.PythonScript;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The official clients, unchanged, each in a process of its own. */
class GrpcClientsIT {
    @TempDir
    static Path folder;

    private static GrpcScorer scorer;

    @BeforeAll
    static void start() throws Exception {
        scorer = new GrpcScorer(folder);
    }

    @AfterAll
    static void stop() {
        scorer.close();
    }

    @ParameterizedTest
    @CsvSource({
        "serving_grpc_triton_flow.py, 24",
        "serving_grpc_aio_flow.py, 5",
        "serving_grpc_kserve_flow.py, 6",
        "serving_grpc_health_flow.py, 6"
    })
    void passes(String script, int flows) throws Exception {
        PythonScript.SERVING_CLIENTS.pass(folder, script, flows, "127.0.0.1:" + scorer.port());
    }
}
