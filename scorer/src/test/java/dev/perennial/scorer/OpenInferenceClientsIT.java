package dev.perennial.scorer;

import dev.perennial.testkit.PythonScript;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The official clients of the REST form, unchanged: Triton's two and KServe's. */
class OpenInferenceClientsIT {
    @TempDir
    static Path folder;

    private static OpenScorer scorer;

    @BeforeAll
    static void start() throws Exception {
        scorer = new OpenScorer(folder, false);
    }

    @AfterAll
    static void stop() {
        scorer.close();
    }

    @ParameterizedTest
    @CsvSource({"serving_rest_triton_flow.py, 18", "serving_rest_aio_flow.py, 5", "serving_rest_kserve_flow.py, 6"})
    void everyFlowOfAnOfficialClientPasses(String script, int flows) throws Exception {
        PythonScript.SERVING_CLIENTS.pass(folder, script, flows, "127.0.0.1:" + scorer.port());
    }
}
