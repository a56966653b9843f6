package dev.perennial.server.mlflow;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The official Python clients of both major versions against the packaged server: flows as training scripts and shells have them. */
class PythonClientIT extends MlflowFixture {
    @ParameterizedTest
    @CsvSource({
        "MLFLOW_3, tracking_flow.py, 10",
        "MLFLOW_2, tracking_flow.py, 9",
        "MLFLOW_3, models_flow.py, 5",
        "MLFLOW_2, models_flow.py, 4",
        "MLFLOW_3, registry_flow.py, 7",
        "MLFLOW_2, registry_flow.py, 6",
        "MLFLOW_3, command_line_flow.py, 7",
    })
    void everyFlowOfTheClientPasses(PythonClient client, String script, int flows)
            throws IOException, InterruptedException {
        client.passes(folder, script, server.url(), flows);
    }
}
