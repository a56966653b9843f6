package dev.perennial.scoring.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The limits of a look in this very process, and what becomes of looks that exceed them. */
class OwnLookTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int CHUNK = 8 << 20;

    private static AdmissionPolicy policy(Duration wall, long residentBytes) {
        return new AdmissionPolicy(wall, 45, 6L << 30, residentBytes, 1 << 20, 64);
    }

    private static AdmissionEvidence admitted() {
        return new AdmissionEvidence(AdmissionEvidence.ADMITTED, "", Json.object());
    }

    private static List<String> inForce() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(line -> line.startsWith("Max address space") || line.startsWith("Max cpu time"))
                .toList();
    }

    @Test
    void theLimitsAreInForceMeanwhileAndGivenBackAfterwards() throws Exception {
        List<String> before = inForce();
        List<String> meanwhile = new ArrayList<>();
        AdmissionEvidence found = OwnLook.of(policy(MINUTE, 1L << 30), () -> {
            meanwhile.addAll(inForce());
            return admitted();
        });
        assertThat(found.admitted()).isTrue();
        assertThat(meanwhile).hasSize(2).doesNotContainAnyElementsOf(before);
        assertThat(inForce()).isEqualTo(before);
    }

    @Test
    void theLimitOfProcessorTimeCountsFromWhatWasUsedBefore() throws Exception {
        List<String> meanwhile = new ArrayList<>();
        long used =
                ProcessHandle.current().info().totalCpuDuration().orElseThrow().toSeconds();
        OwnLook.of(policy(MINUTE, 1L << 30), () -> {
            meanwhile.addAll(inForce());
            return admitted();
        });
        String line = meanwhile.stream()
                .filter(each -> each.startsWith("Max cpu time"))
                .findFirst()
                .orElseThrow();
        assertThat(Long.parseLong(line.split("\\s+")[3])).isGreaterThanOrEqualTo(used + 45);
    }

    @Test
    void aLookThatDoesNotComeBackIsRefusedAndItsThreadIsToldToStop() throws Exception {
        CompletableFuture<String> told = new CompletableFuture<>();
        AdmissionEvidence found = OwnLook.of(policy(Duration.ofMillis(200), 1L << 30), () -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                told.complete("interrupted");
            }
            return admitted();
        });
        assertThat(found.verdict()).isEqualTo(AdmissionEvidence.REFUSED);
        assertThat(found.reason()).isEqualTo("it was not ready within 200 ms");
        assertThat(told.join()).isEqualTo("interrupted");
        assertThat(found.evidence().path("limits").path("applied")).isNotEmpty();
    }

    @Test
    void aLookThatTakesTooMuchMemoryIsRefused() throws Exception {
        AdmissionEvidence found = OwnLook.of(policy(MINUTE, 64 << 20), () -> {
            List<ByteBuffer> taken = new ArrayList<>();
            while (!Thread.interrupted() && taken.size() < 40) {
                ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
                while (chunk.hasRemaining()) {
                    chunk.put((byte) 1);
                }
                taken.add(chunk);
            }
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                return admitted();
            }
            return admitted();
        });
        assertThat(found.reason()).isEqualTo("it takes more than 67108864 bytes of memory");
    }

    @Test
    void aHeapThatIsTooSmallIsARefusalAndNotTheEndOfTheWorker() throws Exception {
        AdmissionEvidence found = OwnLook.of(policy(MINUTE, 1L << 30), () -> {
            throw new OutOfMemoryError("Java heap space");
        });
        assertThat(found.reason())
                .isEqualTo("it needs more memory than a model may take: java.lang.OutOfMemoryError: Java heap space");
    }

    @Test
    void filesThatCannotBeReadAreAnErrorAndNoVerdict() throws Exception {
        List<String> before = inForce();
        assertThatThrownBy(() -> OwnLook.of(policy(MINUTE, 1L << 30), () -> {
                    throw new IOException("no disk");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("no disk");
        assertThat(inForce()).isEqualTo(before);
    }
}
