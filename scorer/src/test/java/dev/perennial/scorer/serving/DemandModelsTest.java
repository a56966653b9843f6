package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.Metrics;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DemandModelsTest {
    private static final ModelSchema SCHEMA = ModelSchema.ofColumns(new Signature(List.of(Column.number("x"))));
    private static final Row ROW = new Row(1);

    private final Metrics metrics = new Metrics();
    private final DemandModels house = new DemandModels(25, Runnable::run, metrics);
    private final List<String> events = new ArrayList<>();

    /** A model that tells when it is loaded, scored and closed. */
    private final class Told implements TabularModel {
        private final String name;
        private final Runnable during;

        Told(String name, Runnable during) {
            this.name = name;
            this.during = during;
            events.add("load " + name);
        }

        @Override
        public Signature signature() {
            return SCHEMA.columns();
        }

        @Override
        public double score(Row row) {
            during.run();
            return name.charAt(0);
        }

        @Override
        public boolean foreign() {
            return false;
        }

        @Override
        public void close() {
            events.add("close " + name);
        }
    }

    private TabularModel model(String name, long bytes) {
        return model(name, bytes, () -> {});
    }

    private TabularModel model(String name, long bytes, Runnable during) {
        return (TabularModel) house.of(SCHEMA, bytes, () -> new Told(name, during));
    }

    @Test
    void aModelIsLoadedWhenItIsWantedAndOnce() {
        TabularModel a = model("a", 10);
        assertThat(events).isEmpty();
        assertThat(a.schema()).isEqualTo(SCHEMA);
        a.score(ROW);
        assertThat(a.score(ROW)).isEqualTo('a');
        assertThat(events).containsExactly("load a");
        assertThat(house.bytes()).isEqualTo(10);
    }

    @Test
    void theOneThatWasNotUsedForTheLongestTimeMakesRoom() {
        TabularModel a = model("a", 10);
        TabularModel b = model("b", 10);
        a.score(ROW);
        b.score(ROW);
        a.score(ROW);
        model("c", 10).score(ROW);
        assertThat(events).containsExactly("load a", "load b", "load c", "close b");
        assertThat(b.score(ROW)).isEqualTo('b');
        assertThat(events).endsWith("load b", "close a");
        assertThat(house.bytes()).isEqualTo(20);
        assertThat(metrics.text()).contains("perennial_scorer_demand_evictions_total{} 2\n");
    }

    @Test
    void aModelThatRunsIsNotClosedUnderItsCall() {
        List<String> seen = new ArrayList<>();
        TabularModel other = model("b", 20);
        TabularModel running = model("a", 20, () -> {
            other.score(ROW);
            seen.addAll(events);
        });
        assertThat(running.score(ROW)).isEqualTo('a');
        assertThat(seen).as("both are loaded while it runs, the idle one goes").doesNotContain("close a");
        assertThat(events).containsOnlyOnce("load a").doesNotContain("close a");
        assertThat(house.bytes()).isEqualTo(20);
    }

    @Test
    void oneThatIsLargerThanTheBoundServesAndGoesWhenItIsIdle() {
        TabularModel large = model("l", 1_000);
        assertThat(large.score(ROW)).isEqualTo('l');
        assertThat(events).containsExactly("load l", "close l");
        assertThat(house.bytes()).isZero();
        assertThat(large.score(ROW)).isEqualTo('l');
    }

    @Test
    void callsThatComeMeanwhileWaitForTheSameLoad() throws InterruptedException {
        Queue<Runnable> loads = new ArrayDeque<>();
        DemandModels slow = new DemandModels(25, loads::add, metrics);
        DemandModel model = (DemandModel) slow.of(SCHEMA, 10, () -> new Told("a", () -> {}));
        CompletableFuture<Model> first = model.loading();
        assertThat(model.loading()).isSameAs(first);
        List<Double> scores = new ArrayList<>();
        CountDownLatch begun = new CountDownLatch(4);
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            callers.add(Thread.ofPlatform().start(() -> {
                begun.countDown();
                double score = ((TabularModel) model).score(ROW);
                synchronized (scores) {
                    scores.add(score);
                }
            }));
        }
        begun.await();
        assertThat(loads).hasSize(1);
        loads.remove().run();
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(scores).containsExactly(97.0, 97.0, 97.0, 97.0);
        assertThat(events).containsExactly("load a");
        assertThat(model.loading()).as("it is there").isNull();
    }

    @Test
    void aLoadThatFailedIsTriedAgainByTheNextCall() {
        boolean[] broken = {true};
        TabularModel model = (TabularModel) house.of(SCHEMA, 10, () -> {
            if (broken[0]) {
                throw PerennialException.notFound("blob 1 is not in blobs");
            }
            return new Told("a", () -> {});
        });
        assertThatThrownBy(() -> model.score(ROW))
                .isInstanceOf(ModelFailure.class)
                .hasMessage("it cannot be loaded: blob 1 is not in blobs");
        assertThat(house.bytes()).isZero();
        broken[0] = false;
        assertThat(model.score(ROW)).isEqualTo('a');
    }

    @Test
    void whatIsClosedGivesItsBytesBackOnce() {
        TabularModel a = model("a", 10);
        a.score(ROW);
        a.close();
        a.close();
        assertThat(house.bytes()).isZero();
        assertThat(events).containsExactly("load a", "close a");
    }

    @Test
    void whatIsClosedWhileItLoadsIsClosedOnceItIsLoaded() {
        Queue<Runnable> loads = new ArrayDeque<>();
        DemandModels slow = new DemandModels(25, loads::add, metrics);
        DemandModel model = (DemandModel) slow.of(SCHEMA, 10, () -> new Told("a", () -> {}));
        model.loading();
        model.close();
        loads.remove().run();
        assertThat(events).containsExactly("load a", "close a");
        assertThat(slow.bytes()).isZero();
    }
}
