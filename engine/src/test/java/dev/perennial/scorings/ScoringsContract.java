package dev.perennial.scorings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.LifeContract;
import dev.perennial.lifecycle.LifeFixture;
import dev.perennial.pipelines.WorkerProtocol;
import dev.perennial.pipelines.WorkerResult;
import dev.perennial.scorings.ScoringView.State;
import dev.perennial.testkit.SeededIds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that score files; the worker is played. */
abstract class ScoringsContract extends LifeContract {
    private static final long SECONDS_MAX = 30;

    @TempDir
    Path files;

    private Scorings scorings;
    private ScoringJob.Pinned pinned;

    @BeforeEach
    void make() throws IOException {
        Ids ids = SeededIds.of(9, life.clock);
        scorings = new Scorings(life.store.database(), life.engine, life.clock, ids, files.resolve("scorings"));
        pinned = new ScoringJob.Pinned(
                "late/3",
                life.store.blobs().put("manifest".getBytes(StandardCharsets.UTF_8)),
                life.store.blobs().put("model".getBytes(StandardCharsets.UTF_8)));
        life.workers.on("score", work -> done(5));
        Files.writeString(files.resolve("in.csv"), "a\n1\n");
    }

    private static WorkerResult done(long rows) {
        return new WorkerResult(
                Map.of("rows", Json.tree(rows), "errors", Json.tree(1L), "bytes", Json.tree(70L)),
                Map.of(),
                new WorkerResult.Usage(1, 1));
    }

    private ScoringOrder order(@Nullable String input, @Nullable String output) {
        return new ScoringOrder(
                "endpoint late", null, "late", pinned, "ann", input, null, null, null, null, output, false, null);
    }

    private ScoringView here() {
        return scorings.create(order(files.resolve("in.csv").toString(), null));
    }

    private ScoringView sent(String bytes) {
        return scorings.create(new ScoringOrder(
                "late/3",
                null,
                "late",
                pinned,
                "ann",
                null,
                "in.csv",
                Digest.of(bytes).hex(),
                null,
                null,
                null,
                false,
                3L));
    }

    private static ByteArrayInputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private ScoringView ended(String id) {
        CountDownLatch never = new CountDownLatch(1);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
        while (!scorings.get(id).state().ended()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            try {
                assertThat(never.await(5, TimeUnit.MILLISECONDS)).isFalse();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return scorings.get(id);
    }

    private static void refused(ErrorCode code, ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    @Test
    void aFileHereIsScoredAtOnceBesideItself() {
        ScoringView view = ended(here().job().id());
        assertThat(view.state()).isEqualTo(State.DONE);
        assertThat(view.rows()).isEqualTo(5);
        assertThat(view.errors()).isEqualTo(1);
        assertThat(view.bytes()).isEqualTo(70);
        WorkerProtocol.Claim.Work work = life.workers.steps("score").getFirst();
        JsonNode parameters = work.parameters();
        assertThat(parameters.path("input").asText()).isEqualTo(files + "/in.csv");
        assertThat(parameters.path("output").asText()).isEqualTo(files + "/in.scored.csv");
        assertThat(parameters.path("format").asText()).isEqualTo("csv");
        assertThat(parameters.path("version").asText()).isEqualTo("late/3");
        assertThat(parameters.has("errorsMax")).isFalse();
        assertThat(work.inputs()).containsOnlyKeys("manifest", "model");
    }

    @Test
    void aJobIsReadBackAsItWasAfterARestart() {
        ScoringView view = ended(here().job().id());
        life.restart();
        Scorings again =
                new Scorings(life.store.database(), life.engine, life.clock, SeededIds.of(9, life.clock), files);
        assertThat(again.get(view.job().id()).job()).isEqualTo(view.job());
        assertThat(again.get(view.job().id()).state()).isEqualTo(State.DONE);
    }

    @Test
    void aFileThatIsSentIsWaitedForAndThenScored() throws IOException {
        String id = sent("a\n1\n").job().id();
        assertThat(scorings.get(id).state()).isEqualTo(State.WAITING);
        scorings.take(id, bytes("a\n1\n"));
        assertThat(ended(id).state()).isEqualTo(State.DONE);
        JsonNode parameters = life.workers.steps("score").getFirst().parameters();
        assertThat(Path.of(parameters.path("input").asText())).hasContent("a\n1\n");
        assertThat(parameters.path("errorsMax").asLong()).isEqualTo(3);
        Path result = scorings.result(id);
        assertThat(result).isEqualTo(Path.of(folder(id), "result.csv"));
        assertThat(parameters.path("output").asText()).isEqualTo(result.toString());
    }

    @Test
    void aFileThatChangedOnItsWayIsRefusedAndMayBeSentAgain() {
        String id = sent("a\n1\n").job().id();
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> scorings.take(id, bytes("a\n2\n")),
                "it changed, or was cut short on its way: send it again");
        assertThat(scorings.get(id).state()).isEqualTo(State.WAITING);
        assertThat(files.resolve("scorings").resolve(id)).isEmptyDirectory();
        scorings.take(id, bytes("a\n1\n"));
        assertThat(ended(id).state()).isEqualTo(State.DONE);
    }

    @Test
    void aFileIsTakenOnce() {
        String id = sent("a\n1\n").job().id();
        scorings.take(id, bytes("a\n1\n"));
        assertThat(scorings.take(id, bytes("a\n1\n")).job().attempt())
                .as("an answer that was lost")
                .isEqualTo(1);
        refused(ErrorCode.INVALID_ARGUMENT, () -> scorings.take(id, bytes("a\n2\n")), "send it again");
        String here = here().job().id();
        refused(ErrorCode.INVALID_STATE, () -> scorings.take(here, bytes("x")), "waits for no file");
        ended(id);
        ended(here);
    }

    @Test
    void aFailureIsToldAndTheJobIsResumedWithTheSameFolder() {
        life.workers.on("score", work -> {
            throw new IllegalStateException("the disk is on fire");
        });
        String id = here().job().id();
        ScoringView failed = ended(id);
        assertThat(failed.state()).isEqualTo(State.FAILED);
        assertThat(failed.line()).isEqualTo("score: the disk is on fire");
        refused(ErrorCode.INVALID_STATE, () -> scorings.result(id), "is FAILED, there is no result: score: the disk");
        life.workers.on("score", work -> done(9));
        assertThat(scorings.resume(id).job().attempt()).isEqualTo(2);
        assertThat(ended(id).rows()).isEqualTo(9);
        assertThat(life.workers.steps("score"))
                .extracting(work -> work.parameters().path("folder").asText())
                .containsExactly(folder(id), folder(id));
    }

    private String folder(String id) {
        return files.resolve("scorings").resolve(id).toString();
    }

    @Test
    void whatRunsOrIsDoneIsNotResumed() {
        String id = here().job().id();
        ended(id);
        refused(ErrorCode.INVALID_STATE, () -> scorings.resume(id), "is DONE; only one that failed or was cancelled");
        String waiting = sent("x").job().id();
        refused(ErrorCode.INVALID_STATE, () -> scorings.resume(waiting), "is WAITING");
    }

    @Test
    void aJobIsCancelledAndThenResumed() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        life.workers.on("score", work -> {
            begun.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return done(1);
        });
        String id = here().job().id();
        assertThat(begun.await(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
        scorings.cancel(id, "user:ann");
        assertThat(ended(id).state()).isEqualTo(State.CANCELLED);
        assertThat(scorings.cancel(id, "user:ann").state()).as("a second time").isEqualTo(State.CANCELLED);
        go.countDown();
        life.workers.on("score", work -> done(2));
        scorings.resume(id);
        assertThat(ended(id).rows()).isEqualTo(2);
    }

    @Test
    void twoWhoResumeAtOnceStartOneAttempt() {
        life.workers.on("score", work -> {
            throw new IllegalStateException("no");
        });
        ScoringView failed = ended(here().job().id());
        life.store
                .database()
                .writing(tx ->
                        assertThat(ScoringRows.next(tx.sql(), failed.job())).isTrue());
        life.store
                .database()
                .writing(tx ->
                        assertThat(ScoringRows.next(tx.sql(), failed.job())).isFalse());
    }

    @Test
    void theResultOfAFileHereIsWhereItIs() {
        String id = here().job().id();
        ended(id);
        refused(
                ErrorCode.INVALID_STATE,
                () -> scorings.result(id),
                "is on the server's machine: " + files + "/in.scored.csv");
    }

    @Test
    void listsAreThoseOfTheNewestFirstInPages() {
        String first = sent("1").job().id();
        String second = sent("2").job().id();
        String third = sent("3").job().id();
        var page = scorings.page(PageRequest.of(2, null));
        assertThat(page.items()).extracting(view -> view.job().id()).containsExactly(third, second);
        assertThat(scorings.page(PageRequest.of(2, page.next().orElseThrow())).items())
                .extracting(view -> view.job().id())
                .containsExactly(first);
    }

    @Test
    void oldJobsGoWithTheirFoldersAndResultsElsewhereStay() throws IOException {
        String kept = sent("a").job().id();
        scorings.take(kept, bytes("a"));
        ended(kept);
        String here = here().job().id();
        ended(here);
        Files.writeString(files.resolve("in.scored.csv"), "the user's");
        life.clock.advance(Scorings.KEPT.minus(Duration.ofSeconds(1)));
        assertThat(scorings.expire()).isZero();
        String young = sent("b").job().id();
        life.clock.advance(Duration.ofSeconds(2));
        assertThat(scorings.expire()).isEqualTo(2);
        assertThat(scorings.find(kept)).isEmpty();
        assertThat(Path.of(folder(kept))).doesNotExist();
        assertThat(scorings.find(young)).isPresent();
        assertThat(files.resolve("in.scored.csv")).exists();
    }

    @Test
    void whatIsNotThereIsNotFoundWithAHint() {
        refused(ErrorCode.NOT_FOUND, () -> scorings.get("x"), "no scoring 'x'; 'perennial scorings list' shows them");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> scorings.create(order(files + "/no.csv", null)),
                "there is no file '" + files + "/no.csv' on the server's machine");
        refused(ErrorCode.INVALID_ARGUMENT, () -> scorings.create(order(files.toString(), null)), "there is no file");
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> scorings.create(order("in.csv", null)),
                "'input' must be the absolute path of a file, got 'in.csv'");
    }

    @Test
    void aResultReplacesNothing() throws IOException {
        Files.writeString(files.resolve("in.scored.csv"), "precious");
        refused(
                ErrorCode.INVALID_ARGUMENT,
                this::here,
                "in.scored.csv' is there already; give another name, or --force");
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> scorings.create(order(files + "/in.csv", files + "/in.csv")),
                "the result cannot be the file that is scored");
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> scorings.create(order(files + "/in.csv", files + "/no/out.csv")),
                "the folder of '" + files + "/no/out.csv' is not there");
    }

    @Test
    void eitherAFileHereOrOneThatIsSent() {
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> scorings.create(order(null, null)),
                "name a file of the server's machine as 'input', or send one and tell its 'digest'");
    }

    @Test
    void aChampionIsFoundAndPinned() {
        life.firstVersionServes();
        ScoringTargets targets = new ScoringTargets(life.endpoints, life.registry);
        ScoringJob.Pinned champion = targets.champion(LifeFixture.MODEL);
        assertThat(champion.version()).isEqualTo(LifeFixture.MODEL + "/1");
        assertThat(targets.ready(LifeFixture.MODEL + "/1")).hasValue(champion);
        assertThat(targets.ready("models:/" + LifeFixture.MODEL + "/1")).hasValue(champion);
    }

    @Test
    void whatDoesNotServeIsNotFound() {
        ScoringTargets targets = new ScoringTargets(life.endpoints, life.registry);
        refused(ErrorCode.NOT_FOUND, () -> targets.champion(ModelId.parse("nothing")), "no endpoint 'nothing'");
        assertThat(targets.ready("late/9")).isEmpty();
        assertThat(targets.ready("models:/late@champion")).isEmpty();
        assertThat(targets.ready("models:/Late flights/1")).isEmpty();
        refused(ErrorCode.INVALID_ARGUMENT, () -> targets.ready("late"), "model 'late' must look like NAME/3");
    }
}
