package dev.perennial.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ModelId;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events are read in order, once each, by whoever keeps its own position. */
abstract class EventLogContract {
    private static final ModelId ONE = ModelId.parse("one");
    private static final ModelId TWO = ModelId.parse("two@replay");
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    Path folder;

    private final TestClock clock = TestClock.fixed();
    private Store store;
    private EventLog events;

    abstract StoreSettings storage(Path folder);

    @BeforeEach
    void open() {
        store = Store.open(storage(folder), clock, SeededIds.of(1, clock), new SecureRandom());
        events = new EventLog(store.database(), clock);
    }

    @AfterEach
    void close() {
        events.close();
        store.close();
    }

    private void append(ModelId model, String title) {
        store.database().writing(tx -> events.append(tx, model, 7, "GATE", title, "text", "decision:1"));
    }

    private List<String> titles(long after, Optional<ModelId> model) {
        return events.after(after, model, Duration.ZERO).stream()
                .map(Event::title)
                .toList();
    }

    @Test
    void anEmptyLogAnswersAtOnceWhenNobodyWaits() {
        assertThat(events.after(0, Optional.empty(), Duration.ZERO)).isEmpty();
    }

    @Test
    void anEventHasBothTimesAndWhatItIsAbout() {
        append(ONE, "passed");
        Event event = events.after(0, Optional.empty(), Duration.ZERO).getFirst();
        assertThat(event.at()).isEqualTo(7);
        assertThat(event.recordedAt()).isEqualTo(clock.millis());
        assertThat(event.model()).isEqualTo("one");
        assertThat(event.ref()).isEqualTo("decision:1");
    }

    @Test
    void aReaderGoesOnWhereItStopped() {
        append(ONE, "a");
        append(ONE, "b");
        long seen = events.after(0, Optional.empty(), Duration.ZERO).getFirst().seq();
        assertThat(titles(seen, Optional.empty())).containsExactly("b");
        append(TWO, "c");
        assertThat(titles(seen, Optional.empty())).containsExactly("b", "c");
    }

    @Test
    void aModelsReaderHearsOfItsModelAlone() {
        append(ONE, "a");
        append(TWO, "b");
        assertThat(titles(0, Optional.of(TWO))).containsExactly("b");
        assertThat(titles(0, Optional.of(ModelId.parse("two"))))
                .as("another scope")
                .isEmpty();
    }

    @Test
    void pagesAreFullAndFollowEachOtherWithoutAGap() {
        store.database()
                .writing(tx ->
                        IntStream.range(0, 1_203).forEach(i -> events.append(tx, ONE, i, "GATE", "t" + i, "", null)));
        List<Event> all = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        List<Event> page = events.after(0, Optional.empty(), Duration.ZERO);
        while (!page.isEmpty()) {
            all.addAll(page);
            sizes.add(page.size());
            page = events.after(all.getLast().seq(), Optional.empty(), Duration.ZERO);
        }
        assertThat(sizes).containsExactly(500, 500, 203);
        assertThat(all)
                .extracting(Event::seq)
                .containsExactlyElementsOf(LongStream.range(0, 1_203)
                        .mapToObj(i -> all.getFirst().seq() + i)
                        .toList());
    }

    @Test
    void aPositionBeyondTheEndIsEmptyAndNotAnError() {
        append(ONE, "a");
        assertThat(titles(Long.MAX_VALUE, Optional.empty())).isEmpty();
        assertThat(titles(-5, Optional.empty())).containsExactly("a");
    }

    @Test
    void anEventOfAFailedTransactionNeverWas() {
        assertThatThrownBy(() -> store.database().writing(tx -> {
                    events.append(tx, ONE, 1, "GATE", "lost", "", null);
                    throw new IllegalStateException("the change failed");
                }))
                .hasMessageContaining("the change failed");
        append(ONE, "kept");
        assertThat(titles(0, Optional.empty())).containsExactly("kept");
    }

    @Test
    void whoWaitsIsWokenByTheCommit() throws ExecutionException, InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<List<Event>> reader =
                    CompletableFuture.supplyAsync(() -> events.after(0, Optional.of(ONE), LONG), threads);
            append(TWO, "of another model");
            append(ONE, "now");
            assertThat(reader.get()).extracting(Event::title).containsExactly("now");
        }
    }

    @Test
    void closingEndsAllWaiting() throws ExecutionException, InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<List<Event>> reader =
                    CompletableFuture.supplyAsync(() -> events.after(0, Optional.empty(), LONG), threads);
            events.close();
            assertThat(reader.get()).isEmpty();
        }
    }

    @Test
    void writersAtOnceGiveEachEventANumberOfItsOwn() throws ExecutionException, InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Void>> writers = IntStream.range(0, 20)
                    .mapToObj(i -> CompletableFuture.runAsync(() -> append(ONE, "t" + i), threads))
                    .toList();
            for (CompletableFuture<Void> writer : writers) {
                writer.get();
            }
        }
        assertThat(events.after(0, Optional.empty(), Duration.ZERO))
                .extracting(Event::seq)
                .hasSize(20)
                .doesNotHaveDuplicates()
                .isSorted();
    }

    @Test
    void aReaderWaitsOverEventsThatAreNotShown() throws ExecutionException, InterruptedException {
        append(TWO, "hidden");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<String> asked = new CompletableFuture<>();
            var waiting = threads.submit(() -> events.follow(0, Optional.empty(), LONG, model -> {
                asked.complete(model);
                return model.equals("one");
            }));
            assertThat(asked.get()).isEqualTo("two@replay");
            append(TWO, "hidden, too");
            append(ONE, "shown");
            assertThat(waiting.get().events()).extracting(Event::title).containsExactly("shown");
        }
    }

    @Test
    void eventsBehindAPageThatIsNotShownAreFoundWithoutWaiting() {
        IntStream.range(0, 501).forEach(i -> append(TWO, "hidden " + i));
        append(ONE, "shown");
        assertThat(events.follow(0, Optional.empty(), Duration.ZERO, "one"::equals)
                        .events())
                .extracting(Event::title)
                .containsExactly("shown");
    }

    @Test
    void aReaderWhoSeesNothingIsAnsweredWithNothingInTheEnd() {
        append(TWO, "hidden");
        assertThat(events.follow(0, Optional.empty(), Duration.ofMillis(1), any -> false)
                        .events())
                .isEmpty();
    }

    @Test
    void whoSeesNothingIsNotAskedAboutTheSameEventsAgain() {
        append(TWO, "hidden");
        append(TWO, "hidden, too");
        long position =
                events.follow(0, Optional.empty(), Duration.ZERO, any -> false).position();
        List<String> asked = new ArrayList<>();
        long same = events.follow(position, Optional.empty(), Duration.ZERO, asked::add)
                .position();
        assertThat(asked).isEmpty();
        assertThat(same).isEqualTo(position);
        append(ONE, "shown");
        assertThat(events.follow(position, Optional.empty(), Duration.ZERO, any -> true)
                        .events())
                .extracting(Event::title)
                .containsExactly("shown");
    }

    @Test
    void thePositionIsBehindHiddenEventsThatFollowTheLastShownOne() {
        append(ONE, "shown");
        append(TWO, "hidden");
        EventLog.Followed followed = events.follow(0, Optional.empty(), Duration.ZERO, "one"::equals);
        assertThat(followed.events()).hasSize(1);
        assertThat(followed.position()).isEqualTo(followed.events().getFirst().seq() + 1);
    }

    @Test
    void anEmptyLogLeavesThePositionWhereItWas() {
        assertThat(events.follow(41, Optional.empty(), Duration.ZERO, any -> true)
                        .position())
                .isEqualTo(41);
    }
}
