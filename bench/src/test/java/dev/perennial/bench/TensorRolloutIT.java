package dev.perennial.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.lifecycle.Decision;
import dev.perennial.testkit.OnnxFiles;
import dev.perennial.testkit.Proto;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A version of an ONNX model of tensors is rolled out from end to end: real requests to a real scorer, its tallies to the real judge, the
 * judge's traffic to the scorer. Only the minutes are made up.
 */
class TensorRolloutIT {
    /** Every fifth number is beyond the table of the broken model. */
    private static final int NUMBERS = 5;

    private static final String PLAN = "shadow 1m 20 rows, 50% 2m 20 rows";

    @TempDir
    Path folder;

    private RolloutStage stage;

    @BeforeEach
    void open() throws Exception {
        stage = new RolloutStage(folder);
        stage.champion(OnnxFiles.identity(OnnxFiles.INT64, -1));
        for (int period = 0; period < 9; period++) {
            stage.serve(30, NUMBERS);
            stage.hours(1);
        }
    }

    @AfterEach
    void close() {
        stage.close();
    }

    /** Looks numbers up in a table of four, and fails for others. */
    private static byte[] table() {
        return OnnxFiles.model(new Proto()
                .message(1, OnnxFiles.node("Gather", List.of("table", "in"), "out"))
                .text(2, "g")
                .message(5, OnnxFiles.whole("table", new long[] {4}, 0, 1, 2, 3))
                .message(11, OnnxFiles.value("in", OnnxFiles.INT64, -1))
                .message(12, OnnxFiles.value("out", OnnxFiles.INT64, -1)));
    }

    @Test
    void aGoodVersionGoesFromShadowThroughCanaryToChampion() throws Exception {
        String rollout = stage.begin(OnnxFiles.identity(OnnxFiles.INT64, -1), PLAN);
        for (int minute = 0; minute < 5 && stage.running(); minute++) {
            stage.serve(60, NUMBERS);
            stage.minute();
        }
        assertThat(stage.decisions(rollout))
                .extracting(Decision::verdict)
                .containsExactly("STARTED", "ADVANCE STEP_PASSED", "PROMOTE STEP_PASSED");
        assertThat(stage.serving()).containsExactly("churn/1 warm", "churn/2 champion");
        assertThat(stage.guards(rollout))
                .contains("score OFF this endpoint gives tensors", "errors CLEAR null")
                .anyMatch(guard -> guard.startsWith("latency CLEAR"));
        assertThat(stage.versionsThatAnswered(40, NUMBERS)).containsOnly("2");
    }

    @Test
    void aVersionThatFailsAFifthOfItsCallsIsTakenBackAndNoCallerSeesIt() throws Exception {
        String rollout = stage.begin(table(), "50% 5m 20 rows");
        for (int minute = 0; minute < 6 && stage.running(); minute++) {
            stage.serve(200, NUMBERS);
            stage.minute();
        }
        assertThat(stage.decisions(rollout))
                .extracting(Decision::verdict)
                .hasSize(2)
                .last()
                .asString()
                .startsWith("STOP ");
        assertThat(stage.serving()).containsExactly("churn/1 champion");
        assertThat(stage.versionsThatAnswered(40, NUMBERS)).containsOnly("1");
    }
}
