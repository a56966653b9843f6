package dev.perennial.server.access;

import dev.perennial.server.mlflow.PythonClient;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The official Python clients sign in with the variables that their documentation names. */
class PythonAccessIT extends AccessFixture {
    private static Map<String, String> password(String name) {
        return Map.of("MLFLOW_TRACKING_USERNAME", name, "MLFLOW_TRACKING_PASSWORD", PASSWORD);
    }

    private static String bare(As who) {
        return who.authorization().substring("Bearer ".length());
    }

    @ParameterizedTest
    @EnumSource
    void aPasswordLogsReadsBackAndRegisters(PythonClient client) throws IOException, InterruptedException {
        client.passes(folder, "access_flow.py", server.url(), 1, password(account("contributor")), "contributor");
    }

    @Test
    void aTokenLogsReadsBackAndRegisters() throws IOException, InterruptedException {
        Map<String, String> token = Map.of("MLFLOW_TRACKING_TOKEN", bare(person("contributor")));
        PythonClient.MLFLOW_3.passes(folder, "access_flow.py", server.url(), 1, token, "contributor");
    }

    @Test
    void aViewerReadsEverythingAndIsRefusedEachChange() throws IOException, InterruptedException {
        String experiment = As.root().experiment(fresh("seen"));
        String run = As.root().run(experiment);
        String file = "/api/2.0/mlflow-artifacts/artifacts/" + experiment + "/" + run + "/artifacts/model/weights.txt";
        As.root().send("PUT", file, "hello");
        String model = fresh("model");
        As.root().ok("POST", API + "registered-models/create", "{\"name\":\"" + model + "\"}");
        Map<String, String> viewer =
                Map.of("MLFLOW_TRACKING_TOKEN", bare(person("viewer")), "RUN", run, "MODEL", model);
        PythonClient.MLFLOW_3.passes(folder, "access_flow.py", server.url(), 1, viewer, "viewer");
    }

    @Test
    void aWrongPasswordIsNobody() throws IOException, InterruptedException {
        Map<String, String> wrong = Map.of(
                "MLFLOW_TRACKING_USERNAME", account("contributor"), "MLFLOW_TRACKING_PASSWORD", "not the password");
        PythonClient.MLFLOW_3.passes(folder, "access_flow.py", server.url(), 1, wrong, "nobody");
    }

    @Test
    void theClientsWorkspaceIsAProject() throws IOException, InterruptedException {
        As ann = person("viewer");
        String project = project();
        member(project, ann, "contributor");
        Map<String, String> there = Map.of("MLFLOW_TRACKING_TOKEN", bare(ann), "MLFLOW_WORKSPACE", project);
        PythonClient.MLFLOW_3.passes(folder, "access_flow.py", server.url(), 1, there, "workspace");
    }
}
