package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scorer.config.ScorerConfig.FuseConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FuseTest {
    private static final FuseConfig DEFAULTS = new FuseConfig(null, null, null);
    private static final FuseConfig PATIENT = new FuseConfig(1_000, 0.1, 50);

    @TempDir
    Path spool;

    private static Fuse fuse(FuseConfig limits) {
        return new Fuse("m", "m/2", "r1", limits, false);
    }

    private static Optional<FuseReport> fail(Fuse fuse, int times) {
        Optional<FuseReport> last = Optional.empty();
        for (int i = 0; i < times && last.isEmpty(); i++) {
            last = fuse.failure("p" + i, "broken");
        }
        return last;
    }

    private static void succeed(Fuse fuse, int times) {
        for (int i = 0; i < times; i++) {
            fuse.success();
        }
    }

    @Test
    void fiveErrorsInARowBlowIt() {
        Fuse fuse = fuse(DEFAULTS);
        assertThat(fail(fuse, 4)).isEmpty();
        assertThat(fuse.blown()).isFalse();
        FuseReport report = fail(fuse, 1).orElseThrow();
        assertThat(fuse.blown()).isTrue();
        assertThat(report.reason()).isEqualTo("5 errors in a row");
        assertThat(report.errors()).isEqualTo(5);
        assertThat(report.calls()).isEqualTo(5);
    }

    @Test
    void aSuccessBreaksTheRow() {
        Fuse fuse = fuse(new FuseConfig(3, 0.9, 1_000));
        for (int i = 0; i < 6; i++) {
            assertThat(fail(fuse, 2)).isEmpty();
            succeed(fuse, 3);
        }
        assertThat(fuse.blown()).isFalse();
    }

    @Test
    void halfOfTwentyCallsBlowsIt() {
        Fuse fuse = fuse(PATIENT);
        succeed(fuse, 10);
        assertThat(fail(fuse, 9)).isEmpty();
        assertThat(fail(fuse, 1).orElseThrow().reason()).isEqualTo("at least half of the calls failed: 10 of 20");
    }

    @Test
    void moreThanTheShareOfEnoughCallsBlowsIt() {
        Fuse fuse = fuse(PATIENT);
        succeed(fuse, 45);
        assertThat(fail(fuse, 5)).as("5 of 50 is the share itself").isEmpty();
        assertThat(fail(fuse, 1).orElseThrow().reason())
                .isEqualTo("6 of 51 calls failed, more than the allowed share of 0.1000");
    }

    @Test
    void itIsReportedOnce() {
        Fuse fuse = fuse(DEFAULTS);
        assertThat(fail(fuse, 5)).isPresent();
        assertThat(fail(fuse, 50)).isEmpty();
        succeed(fuse, 1_000);
        assertThat(fuse.blown()).as("for good").isTrue();
    }

    @Test
    void aFewShortExamplesAreKept() {
        Fuse fuse = fuse(new FuseConfig(8, null, null));
        Optional<FuseReport> report = Optional.empty();
        for (int i = 0; i < 8; i++) {
            report = fuse.failure("p" + i, "x".repeat(1_000));
        }
        assertThat(report.orElseThrow().examples())
                .hasSize(5)
                .allSatisfy(example -> assertThat(example.error()).hasSize(300));
        assertThat(report.orElseThrow().examples().getFirst().id()).isEqualTo("p0");
    }

    @Test
    void blownFusesSurviveARestartUntilTheServerTookThemOut() {
        BlownFuses blown = new BlownFuses(spool);
        blown.add(fuse(DEFAULTS).blow("the model cannot be loaded"));
        BlownFuses again = new BlownFuses(spool);
        assertThat(again.contains("m", "m/2", "r1")).isTrue();
        assertThat(again.contains("m", "m/1", "r1")).isFalse();
        assertThat(again.reports()).singleElement().returns("the model cannot be loaded", FuseReport::reason);
        again.retain(report -> false);
        assertThat(new BlownFuses(spool).reports()).isEmpty();
    }

    @Test
    void aDamagedFileOfBlownFusesIsNoObstacle() throws Exception {
        Files.writeString(spool.resolve("fuses.json"), "[{\"endpoint\":");
        BlownFuses blown = new BlownFuses(spool);
        assertThat(blown.reports()).isEmpty();
        blown.add(fuse(DEFAULTS).blow("reason"));
        assertThat(new BlownFuses(spool).contains("m", "m/2", "r1")).isTrue();
    }

    @Test
    void aFuseThatBlewInAnEarlierRolloutDoesNotCountInTheNext() {
        BlownFuses blown = new BlownFuses(spool);
        blown.add(fuse(DEFAULTS).blow("slow"));
        assertThat(new BlownFuses(spool).contains("m", "m/2", "r2")).isFalse();
        assertThat(blown.contains("m", "m/2", null))
                .as("a server that names no rollouts")
                .isTrue();
    }

    @Test
    void aFuseThatBlewBesideNoRolloutDoesNotCountInTheFirst() {
        BlownFuses blown = new BlownFuses(spool);
        blown.add(new Fuse("m", "m/2", null, DEFAULTS, false).blow("5 errors in a row"));
        assertThat(new BlownFuses(spool).contains("m", "m/2", null)).isTrue();
        assertThat(new BlownFuses(spool).contains("m", "m/2", "r1")).isFalse();
    }

    @Test
    void aReportNamesItsRollout() {
        assertThat(fail(fuse(DEFAULTS), 5).orElseThrow().rollout()).isEqualTo("r1");
    }

    @Test
    void reportsKeptByAnEarlierReleaseStayInForce() throws Exception {
        Files.writeString(
                spool.resolve("fuses.json"),
                "[{\"endpoint\":\"m\",\"version\":\"m/2\",\"reason\":\"5 errors in a row\",\"errors\":5,\"calls\":5,\"examples\":[]}]");
        assertThat(new BlownFuses(spool).contains("m", "m/2", "r7")).isTrue();
    }
}
