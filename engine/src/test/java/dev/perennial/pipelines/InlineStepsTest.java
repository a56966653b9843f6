package dev.perennial.pipelines;

import static dev.perennial.pipelines.EngineFixture.AT_ONCE;
import static dev.perennial.pipelines.EngineFixture.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InlineStepsTest {
    @TempDir
    Path folder;

    private static InlineStep adder() {
        return step(
                "add",
                c -> Map.of(
                        "sum",
                        Json.tree(c.parameters().get("a").asInt()
                                + c.parameters().get("b").asInt())));
    }

    private static StepSpec add(String path, Object a, Object b) {
        return StepSpec.inline(path, "add")
                .with(Json.object().<ObjectNode>set("a", Json.tree(a)).set("b", Json.tree(b)));
    }

    @Test
    void valuesFlowFromStepToStepAndTheListenerIsTold() throws InterruptedException {
        try (EngineFixture fixture = EngineFixture.in(folder, adder())) {
            PipelineSpec spec = PipelineSpec.of(
                    "sums",
                    add("total", StepSpec.value("left", "sum"), StepSpec.value("right", "sum")),
                    add("left", 1, StepSpec.param("x")),
                    add("right", 2, 3));
            RunId run = fixture.engine().start(spec, "k", Json.object().put("x", 10), "m", "test");
            RunView view = fixture.awaitEnd(run);
            assertThat(view.state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(view.step("total").values().get("sum").asInt()).isEqualTo(16);
            assertThat(view.spec()).isEqualTo(spec.digest());
            RunView told = fixture.endedRuns.poll(5, TimeUnit.SECONDS);
            assertThat(told).isNotNull().extracting(RunView::run).isEqualTo(run);
        }
    }

    @Test
    void aSecondStartWithTheSameKeyFindsTheFirstRun() {
        try (EngineFixture fixture = EngineFixture.in(folder, adder())) {
            RunId first = fixture.start(PipelineSpec.of("p", add("a", 1, 2)), "monday");
            RunId second = fixture.start(PipelineSpec.of("other", add("b", 1, 2)), "monday");
            assertThat(second).isEqualTo(first);
            assertThat(fixture.engine().find("monday").orElseThrow().pipeline()).isEqualTo("p");
            assertThat(fixture.engine().find("tuesday")).isEmpty();
            fixture.awaitEnd(first);
        }
    }

    @Test
    void aRoomsChangeAndTheSuccessOfTheStepCommitTogether() {
        AtomicInteger tries = new AtomicInteger();
        InlineStep register = new InlineStep() {
            @Override
            public String kind() {
                return "register";
            }

            @Override
            public Output run(Context context) {
                return Output.none();
            }

            @Override
            public void commit(Transaction tx, Context context, Output output) {
                tx.sql().execute("insert into room (id) values (?)", context.run() + "/" + context.path());
                if (tries.incrementAndGet() < 3) {
                    throw PerennialException.state("not yet");
                }
            }
        };
        try (EngineFixture fixture = EngineFixture.in(folder, register)) {
            fixture.store().database().writing(tx -> tx.sql().execute("create table room (id text primary key)"));
            RunId run = fixture.start(
                    PipelineSpec.of("p", StepSpec.inline("register", "register").retrying(AT_ONCE)), "k");
            assertThat(fixture.awaitEnd(run).state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(tries).hasValue(3);
            List<String> rows = fixture.store()
                    .database()
                    .read(sql -> sql.select("select id from room")
                            .mapTo(String.class)
                            .list());
            assertThat(rows).containsExactly(run + "/register");
        }
    }

    @Test
    void aFailedStepFailsTheRunAndWhatNeedsItButNotTheRest() {
        InlineStep broken = step("broken", c -> {
            throw new IllegalStateException("the file is empty");
        });
        try (EngineFixture fixture = EngineFixture.in(folder, adder(), broken)) {
            RunId run = fixture.start(
                    PipelineSpec.of(
                            "p",
                            StepSpec.inline("bad", "broken").retrying(new RetryPolicy(2, 0, 1, 0)),
                            add("next", 1, 1).after("bad"),
                            add("last", 1, 1).after("next"),
                            add("apart", 1, 1)),
                    "k");
            RunView view = fixture.awaitEnd(run);
            assertThat(view.state()).isEqualTo(RunState.FAILED);
            assertThat(view.reason()).isEqualTo("STEP_FAILED");
            assertThat(view.detail()).isEqualTo("failed: bad");
            assertThat(view.step("bad").attempt()).isEqualTo(2);
            assertThat(view.step("bad").line()).isEqualTo("the file is empty");
            assertThat(view.step("next").state()).isEqualTo(StepState.UPSTREAM_FAILED);
            assertThat(view.step("last").state()).isEqualTo(StepState.UPSTREAM_FAILED);
            assertThat(view.step("apart").state()).isEqualTo(StepState.SUCCEEDED);
        }
    }

    @Test
    void thePlatformsFailuresDoNotUseTheBudgetOfTheStep() {
        AtomicInteger calls = new AtomicInteger();
        InlineStep shaky = step("shaky", c -> {
            if (calls.incrementAndGet() < 3) {
                throw new PerennialException(ErrorCode.UNAVAILABLE, "away");
            }
            return Map.of();
        });
        try (EngineFixture fixture = EngineFixture.in(folder, shaky)) {
            RunId run = fixture.start(PipelineSpec.of("p", StepSpec.inline("s", "shaky")), "k");
            assertThat(fixture.awaitEnd(run).state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(fixture.engine().attempts(run))
                    .extracting(AttemptView::failure)
                    .containsExactly(FailureClass.INFRA, FailureClass.INFRA, FailureClass.NONE);
        }
    }

    @Test
    void aReferenceToAValueThatIsNotThereFailsTheStepInWords() {
        try (EngineFixture fixture = EngineFixture.in(folder, adder())) {
            RunId run = fixture.start(
                    PipelineSpec.of("p", add("a", 1, 2), add("b", 1, StepSpec.value("a", "product"))), "k");
            assertThat(fixture.awaitEnd(run).step("b").line()).contains("step 'a' made no value 'product'");
        }
    }

    @Test
    void cancellingInterruptsWhatRunsAndCancelsTheRest() {
        CountDownLatch never = new CountDownLatch(1);
        InlineStep slow = step("slow", c -> {
            never.await();
            return Map.of();
        });
        try (EngineFixture fixture = EngineFixture.in(folder, adder(), slow)) {
            RunId run = fixture.start(
                    PipelineSpec.of(
                            "p",
                            StepSpec.inline("slow", "slow"),
                            add("next", 1, 1).after("slow")),
                    "k");
            fixture.awaitStep(run, "slow", StepState.RUNNING);
            fixture.engine().cancel(run, "user:eva", "wrong file");
            RunView view = fixture.awaitEnd(run);
            assertThat(view.state()).isEqualTo(RunState.CANCELLED);
            assertThat(view.detail()).isEqualTo("cancelled by user:eva: wrong file");
            assertThat(view.steps()).extracting(RunView.Step::state).containsOnly(StepState.CANCELLED);
            fixture.engine().cancel(run, "user:eva", "again");
            assertThat(fixture.engine().find(run)).contains(view);
        }
    }

    @Test
    void aResultThatArrivesWhileTheStepIsStoppingStillCounts() {
        CountDownLatch finish = new CountDownLatch(1);
        AtomicBoolean done = new AtomicBoolean();
        InlineStep stubborn = step("stubborn", c -> {
            while (!done.get()) {
                try {
                    finish.await();
                    done.set(true);
                } catch (InterruptedException e) {
                    done.set(finish.getCount() == 0);
                }
            }
            return Map.of("kept", Json.tree(1));
        });
        try (EngineFixture fixture = EngineFixture.in(folder, adder(), stubborn)) {
            RunId run = fixture.start(
                    PipelineSpec.of(
                            "p",
                            StepSpec.inline("s", "stubborn"),
                            add("next", 1, 1).after("s")),
                    "k");
            fixture.awaitStep(run, "s", StepState.RUNNING);
            fixture.engine().cancel(run, "user:eva", "enough");
            finish.countDown();
            RunView view = fixture.awaitEnd(run);
            assertThat(view.step("s").state()).isEqualTo(StepState.SUCCEEDED);
            assertThat(view.step("next").state()).isEqualTo(StepState.CANCELLED);
            assertThat(view.state()).isEqualTo(RunState.CANCELLED);
        }
    }

    @Test
    void anAttemptThatTakesTooLongIsEndedAndTriedAgain() {
        CountDownLatch never = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        InlineStep slowFirst = step("slow-first", c -> {
            if (calls.incrementAndGet() == 1) {
                never.await();
            }
            return Map.of();
        });
        try (EngineFixture fixture = EngineFixture.in(folder, slowFirst)) {
            RunId run = fixture.start(
                    PipelineSpec.of(
                            "p", StepSpec.inline("s", "slow-first").within(50).retrying(AT_ONCE)),
                    "k");
            assertThat(fixture.awaitEnd(run).state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(fixture.engine().attempts(run))
                    .extracting(AttemptView::failure)
                    .containsExactly(FailureClass.TIMEOUT, FailureClass.NONE);
        }
    }

    @Test
    void anInlineStepThatTheServerDiedOnRunsAgainAtOnce() {
        CountDownLatch never = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        InlineStep first = step("first", c -> {
            if (calls.incrementAndGet() == 1) {
                while (true) {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        return hang(never);
                    }
                }
            }
            return Map.of();
        });
        try (EngineFixture fixture = EngineFixture.in(folder, first)) {
            RunId run = fixture.start(PipelineSpec.of("p", StepSpec.inline("s", "first")), "k");
            fixture.awaitStep(run, "s", StepState.RUNNING);
            fixture.restart();
            assertThat(fixture.report().lost()).isEqualTo(1);
            assertThat(fixture.report().recovered()).isEqualTo(1);
            assertThat(fixture.awaitEnd(run).state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(fixture.engine().attempts(run))
                    .extracting(AttemptView::state)
                    .containsExactly(AttemptState.LOST, AttemptState.SUCCEEDED);
        }
    }

    private static Map<String, JsonNode> hang(CountDownLatch never) throws InterruptedException {
        never.await();
        return Map.of();
    }

    @Test
    void aFullDiskStopsTheEngineAndFailsNothing() {
        AtomicBoolean full = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        EngineFixture fixture = new EngineFixture(
                folder, EngineFixture.quick(), database -> new FillableDatabase(database, full, refused), adder());
        try (fixture) {
            RunId run = fixture.start(PipelineSpec.of("p", add("a", 1, 2)), "k");
            fixture.awaitEnd(run);
            RunId next = fixture.start(PipelineSpec.of("p", add("b", 1, 2)), "k2");
            full.set(true);
            EngineFixture.await(() -> refused.get() > 2
                    || fixture.engine().find(next).orElseThrow().state().terminal());
            full.set(false);
            assertThat(fixture.awaitEnd(next).state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(fixture.engine().attempts(next))
                    .extracting(AttemptView::state)
                    .containsOnly(AttemptState.SUCCEEDED);
        }
    }

    /** A real database that can be told to be full. */
    private record FillableDatabase(Database inner, AtomicBoolean full, AtomicInteger refused) implements Database {
        @Override
        public Dialect dialect() {
            return inner.dialect();
        }

        @Override
        public <T> T read(Function<Handle, T> work) {
            return inner.read(work);
        }

        @Override
        public <T> T write(Function<Transaction, T> work) {
            if (full.get()) {
                refused.incrementAndGet();
                throw new PerennialException(ErrorCode.STORAGE_FULL, "the disk is full");
            }
            return inner.write(work);
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    @Test
    void runsArePagedTheNewestFirst() {
        try (EngineFixture fixture = EngineFixture.in(folder, adder())) {
            PipelineSpec spec = PipelineSpec.of("p", add("a", 1, 2));
            List<RunId> runs = java.util.stream.IntStream.range(0, 5)
                    .mapToObj(
                            i -> fixture.engine().start(spec, "k" + i, Json.object(), i % 2 == 0 ? "even" : "odd", ""))
                    .toList();
            runs.forEach(fixture::awaitEnd);
            var first = fixture.engine().list(Optional.empty(), PageRequest.of(3, null));
            assertThat(first.items())
                    .extracting(RunView::run)
                    .containsExactlyElementsOf(runs.reversed().subList(0, 3));
            var rest = fixture.engine()
                    .list(Optional.empty(), PageRequest.of(3, first.next().orElseThrow()));
            assertThat(rest.items())
                    .extracting(RunView::run)
                    .containsExactlyElementsOf(runs.reversed().subList(3, 5));
            assertThat(rest.next()).isEmpty();
            assertThat(fixture.engine()
                            .list(Optional.of("odd"), PageRequest.of(null, null))
                            .items())
                    .hasSize(2);
            assertThat(fixture.engine().events(runs.getFirst(), 0, 100))
                    .extracting(e -> e.path() + ":" + e.from() + ">" + e.to())
                    .containsExactly(
                            ":>RUNNING",
                            "a:>READY",
                            "a:READY>RUNNING",
                            "a:>RUNNING",
                            "a:RUNNING>SUCCEEDED",
                            "a:RUNNING>SUCCEEDED",
                            ":RUNNING>SUCCEEDED");
        }
    }

    @Test
    void anUnknownKindAndBadParametersAreRefusedBeforeAnythingIsWritten() {
        try (EngineFixture fixture = EngineFixture.in(folder, adder())) {
            assertThatThrownBy(() -> fixture.start(PipelineSpec.of("p", StepSpec.inline("s", "dance")), "k"))
                    .hasMessageContaining("no inline step of kind 'dance'");
            PipelineSpec spec = PipelineSpec.of("p", add("a", 1, 2));
            assertThatThrownBy(() -> fixture.engine().start(spec, "k", Json.array(), "m", ""))
                    .hasMessageContaining("expected an object");
            assertThatThrownBy(() -> fixture.start(spec, "")).hasMessageContaining("expected 1 to");
            assertThat(fixture.engine()
                            .list(Optional.empty(), PageRequest.of(null, null))
                            .items())
                    .isEmpty();
        }
    }
}
