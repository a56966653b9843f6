package dev.perennial.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.scoring.ModelLoader;
import dev.perennial.worker.StepFailure;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model from outside may do to its process what it likes; the worker tells it in one sentence. */
class ModelTrialTest {
    private static final Path OUTSIDE =
            Path.of(System.getProperty("perennial.root"), "examples", "flight-delay", "outside");
    private static final Path MANIFEST = OUTSIDE.resolve("outside.model.json");
    private static final Path MODEL = OUTSIDE.resolve("outside.onnx");
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final long GIBIBYTE = 1L << 30;

    @TempDir
    Path folder;

    /** Native code that breaks. */
    static final class Crashing {
        private Crashing() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            try (OutputStream words = new FileOutputStream(FileDescriptor.err)) {
                words.write("some last words".getBytes(StandardCharsets.UTF_8));
            }
            new ProcessBuilder(
                            "kill",
                            "-KILL",
                            Long.toString(ProcessHandle.current().pid()))
                    .start();
            new CountDownLatch(1).await();
        }
    }

    /** Native code that never comes back. */
    static final class Hanging {
        private Hanging() {}

        public static void main(String[] arguments) throws InterruptedException {
            new CountDownLatch(1).await();
        }
    }

    /** Native code that takes ever more. */
    static final class Growing {
        private Growing() {}

        public static void main(String[] arguments) {
            List<byte[]> all = new ArrayList<>();
            while (true) {
                byte[] block = new byte[1 << 20];
                java.util.Arrays.fill(block, (byte) 1);
                all.add(block);
            }
        }
    }

    private static ModelTrial trial(Class<?> program, Duration limit, long memory) {
        return new ModelTrial(List.of("-Xmx2g", program.getName()), limit, memory);
    }

    private void refused(ModelTrial trial, Path model, String... texts) {
        assertThatThrownBy(() -> trial.run("candidate", folder.resolve("natives"), MANIFEST, model))
                .isInstanceOfSatisfying(
                        StepFailure.class, failure -> assertThat(failure.kind()).isEqualTo(StepFailure.Kind.CONTRACT))
                .hasMessageStartingWith("the candidate cannot be loaded: ")
                .hasMessageContainingAll(texts);
    }

    @Test
    void aGoodModelPasses() throws IOException {
        ModelTrial.standard().run("candidate", folder.resolve("natives"), MANIFEST, MODEL);
        assertThat(folder.resolve("natives")).isDirectoryContaining("glob:**/onnxruntime-*");
    }

    @Test
    void aFileThatIsNoModelIsRefusedWithTheReason() throws IOException {
        Path none = Files.writeString(folder.resolve("none.onnx"), "this is no protobuf");
        refused(ModelTrial.standard(), none, "cannot use this ONNX model", "ONNX Runtime says");
    }

    @Test
    void aModelThatCrashesItsProcessIsRefusedWithTheExitCode() {
        refused(trial(Crashing.class, MINUTE, GIBIBYTE), MODEL, "ended the process with 137", "some last words");
    }

    @Test
    void aModelThatHangsIsRefusedAfterTheLimit() {
        refused(trial(Hanging.class, Duration.ofMillis(700), GIBIBYTE), MODEL, "was not ready within 700 ms");
    }

    @Test
    void aModelThatTakesTooMuchMemoryIsRefused() {
        refused(trial(Growing.class, MINUTE, GIBIBYTE / 4), MODEL, "takes more than 268435456 bytes of memory");
    }

    @Test
    void nothingOfTheProcessIsLeft() {
        long before = ProcessHandle.current()
                .children()
                .filter(ProcessHandle::isAlive)
                .count();
        refused(trial(Hanging.class, Duration.ofMillis(300), GIBIBYTE), MODEL, "was not ready");
        ProcessHandle.current().children().forEach(child -> child.onExit().join());
        assertThat(ProcessHandle.current()
                        .children()
                        .filter(ProcessHandle::isAlive)
                        .count())
                .isLessThanOrEqualTo(before);
    }

    @Test
    void aStepTriesAForeignModelBeforeItLoadsIt() throws IOException {
        Path none = Files.writeString(folder.resolve("none.onnx"), "this is no protobuf");
        Path natives = folder.resolve("natives");
        assertThatThrownBy(() -> LoadedModel.load(new ModelLoader(natives), "candidate", MANIFEST, none))
                .isInstanceOf(StepFailure.class)
                .hasMessageStartingWith("the candidate cannot be loaded: cannot use this ONNX model");
        assertThat(natives).as("unpacked by the trial's process").isDirectoryContaining("glob:**/onnxruntime-*");
    }
}
