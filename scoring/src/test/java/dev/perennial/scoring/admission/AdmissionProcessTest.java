package dev.perennial.scoring.admission;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.testkit.OnnxFiles;
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

/** A foreign model may do to its process what it likes; the verdict is one sentence, and the next model is looked at as ever. */
class AdmissionProcessTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final long GIBIBYTE = 1L << 30;

    @TempDir
    static Path natives;

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

    /** A model that makes its process say that all is well, and then ends it. */
    static final class Lying {
        private Lying() {}

        public static void main(String[] arguments) throws IOException {
            try (OutputStream words = new FileOutputStream(FileDescriptor.out)) {
                words.write("{\"latency\":{},\"reason\":\"\"}".getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private AdmissionEvidence admit(AdmissionProcess process, byte[] model) throws Exception {
        new ModelLoader(natives).unpackNatives();
        Path manifest = Files.writeString(
                folder.resolve("manifest.json"),
                "{\"format\":\"onnx\",\"signature\":[{\"name\":\"x\",\"type\":\"number\"}]}");
        return process.admit(natives, manifest, Files.write(folder.resolve("model.onnx"), model));
    }

    private static AdmissionProcess program(Class<?> program, Duration limit, long memory) {
        return new AdmissionProcess(
                List.of("-Xmx2g", program.getName()),
                new AdmissionPolicy(limit, 60, 8 * GIBIBYTE, memory, 128 << 20, 256));
    }

    private static AdmissionProcess standard() {
        return AdmissionProcess.standard(1_000);
    }

    @Test
    void aGoodModelIsAdmittedWithWhatWasMeasuredAndUnderWhichLimits() throws Exception {
        AdmissionEvidence found = admit(standard(), OnnxFiles.matrix());
        assertThat(found.verdict()).as(found.reason()).isEqualTo("ADMITTED");
        assertThat(found.reason()).isEmpty();
        JsonNode evidence = found.evidence();
        assertThat(evidence.path("format").asText()).isEqualTo("onnx");
        assertThat(evidence.path("latency").path("runs").asInt()).isPositive();
        assertThat(evidence.path("latency").path("input").asText()).isEqualTo("zeros");
        assertThat(evidence.path("latency").path("p50Micros").asDouble())
                .isLessThanOrEqualTo(evidence.path("latency").path("p99Micros").asDouble());
        assertThat(evidence.path("peakResidentBytes").asLong()).isPositive();
        assertThat(evidence.path("inputs").get(0).path("name").asText()).isEqualTo("x");
        assertThat(evidence.path("limits").path("applied").toString())
                .contains("prlimit --as=", "prlimit --cpu=60", "watchdog: ", "wall: 60000 ms");
    }

    @Test
    void aTensorOfTwelveGigabytesIsRefused() throws Exception {
        AdmissionEvidence found = admit(standard(), OnnxFiles.twelveGigabytes());
        assertThat(found.verdict()).isEqualTo("REFUSED");
        assertThat(found.reason()).containsIgnoringCase("alloc");
    }

    @Test
    void aLoopWithoutEndIsRefused() throws Exception {
        AdmissionEvidence found = admit(standard(), OnnxFiles.endless());
        assertThat(found.verdict()).isEqualTo("REFUSED");
        assertThat(found.reason()).isEqualTo("it did not end within 2010 ms");
    }

    @Test
    void dataInAnotherFileAreRefusedWithAdvice() throws Exception {
        AdmissionEvidence found = admit(standard(), OnnxFiles.hostile().get("external data of a constant"));
        assertThat(found.verdict()).isEqualTo("REFUSED");
        assertThat(found.reason()).contains("keeps its data in another file; save the model in one file");
        assertThat(found.evidence().path("limits").path("applied")).isNotEmpty();
    }

    @Test
    void aModelThatCrashesItsProcessIsRefusedWithTheExitCode() throws Exception {
        AdmissionEvidence found = admit(program(Crashing.class, MINUTE, GIBIBYTE), OnnxFiles.matrix());
        assertThat(found.verdict()).isEqualTo("REFUSED");
        assertThat(found.reason()).isEqualTo("the process ended with 137: some last words");
    }

    @Test
    void aModelThatHangsIsRefusedAfterTheLimit() throws Exception {
        AdmissionEvidence found = admit(program(Hanging.class, Duration.ofMillis(700), GIBIBYTE), OnnxFiles.matrix());
        assertThat(found.reason()).isEqualTo("it was not ready within 700 ms");
    }

    @Test
    void aModelThatTakesTooMuchMemoryIsRefused() throws Exception {
        AdmissionEvidence found = admit(program(Growing.class, MINUTE, GIBIBYTE / 4), OnnxFiles.matrix());
        assertThat(found.reason()).isEqualTo("it takes more than 268435456 bytes of memory");
    }

    @Test
    void whatAProcessSaysOfItselfIsNotEnough() throws Exception {
        AdmissionEvidence found = admit(program(Lying.class, MINUTE, GIBIBYTE), OnnxFiles.matrix());
        assertThat(found.verdict()).isEqualTo("REFUSED");
        assertThat(found.reason()).startsWith("the process ended with 0");
    }

    @Test
    void nothingOfTheProcessIsLeftAndTheNextModelIsFine() throws Exception {
        long before = ProcessHandle.current()
                .children()
                .filter(ProcessHandle::isAlive)
                .count();
        admit(program(Hanging.class, Duration.ofMillis(300), GIBIBYTE), OnnxFiles.matrix());
        ProcessHandle.current().children().forEach(child -> child.onExit().join());
        assertThat(ProcessHandle.current()
                        .children()
                        .filter(ProcessHandle::isAlive)
                        .count())
                .isLessThanOrEqualTo(before);
        assertThat(admit(standard(), OnnxFiles.matrix()).verdict()).isEqualTo("ADMITTED");
    }
}
