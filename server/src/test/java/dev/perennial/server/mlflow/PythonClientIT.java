package dev.perennial.server.mlflow;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The official Python clients of both major versions against the packaged server: flows as training scripts have them. */
class PythonClientIT extends MlflowFixture {
    private static final String[] WITHOUT_PROMPTS = {"models", "versions", "aliases", "stages", "search", "copies"};

    @Test
    void version3LogsSearchesAndReadsBack() throws IOException, InterruptedException {
        PythonClient.MLFLOW_3.passes(folder, "tracking_flow.py", server.url(), 9);
    }

    @Test
    void version2LogsSearchesAndReadsBack() throws IOException, InterruptedException {
        PythonClient.MLFLOW_2.passes(folder, "tracking_flow.py", server.url(), 8);
    }

    @Test
    void version3LogsAndLoadsModels() throws IOException, InterruptedException {
        PythonClient.MLFLOW_3.passes(folder, "models_flow.py", server.url(), 5);
    }

    @Test
    void version2LogsAndLoadsModels() throws IOException, InterruptedException {
        PythonClient.MLFLOW_2.passes(folder, "models_flow.py", server.url(), 5);
    }

    @Test
    void version3RegistersFindsAndCopiesVersions() throws IOException, InterruptedException {
        PythonClient.MLFLOW_3.passes(folder, "registry_flow.py", server.url(), 7);
    }

    @Test
    void version2RegistersFindsAndCopiesVersions() throws IOException, InterruptedException {
        PythonClient.MLFLOW_2.passes(folder, "registry_flow.py", server.url(), WITHOUT_PROMPTS.length, WITHOUT_PROMPTS);
    }
}
