package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.testkit.PythonScript;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MLflow's own client, unchanged, in its own process. */
class MlflowClientIT {
    @TempDir
    Path folder;

    @Test
    void scoringServerClientCallsAnEndpointAsIfItWereAServerOfItsOwn() throws Exception {
        try (MlflowScorer scorer = new MlflowScorer(folder, "--default-endpoint", "strict")) {
            assertThat(PythonScript.CLIENT.run(folder, "scoring_flow.py", scorer.url(), "strict"))
                    .contains("10 flows passed with mlflow 3.17.2");
        }
    }
}
