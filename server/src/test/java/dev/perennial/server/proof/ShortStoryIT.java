package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A story that is disturbed by kills ends like an undisturbed one: the same versions, verdicts, rollout decisions and ledger, no prediction
 * or outcome lost, none counted twice. With {@code -Dperennial.long} more seeds are played.
 */
@ExtendWith(Distribution.class)
class ShortStoryIT {
    private static final int ROWS_A_DAY = 72;
    private static final List<String> SERVER_POINTS = List.of(
            "replay.advance.afterFlush:3",
            "pipelines.TX1.afterCommit",
            "lifecycle.tick.afterStart",
            "lifecycle.gate.afterCommit",
            "replay.advance.afterCommit:2",
            "pipelines.TX3.beforeCommit:2",
            "store.beforeCommit:150",
            "lifecycle.tick.beforeDecision",
            "pipelines.launch.after",
            "pipelines.TX3.afterCommit:2",
            "lifecycle.rollout.afterCommit",
            "store.afterCommit:150");

    @TempDir
    private static Path folder;

    private static Parcels parcels;
    private static Story.Ending undisturbed;

    @BeforeAll
    static void playUndisturbed() throws IOException {
        parcels = Parcels.in(folder.resolve("world"));
        undisturbed = play("undisturbed", Disturbance.NONE, "", "");
    }

    @Test
    void theStoryHasEverythingThatKillsCouldSpoil() {
        assertThat(undisturbed.decisions()).anyMatch(decision -> decision.contains(" PROMOTION "));
        assertThat(undisturbed.decisions()).anyMatch(decision -> decision.contains(" GATE FAIL "));
        assertThat(undisturbed.decisions()).anyMatch(decision -> decision.contains(" ROLLBACK ROLLED_BACK "));
        assertThat(undisturbed.decisions()).anyMatch(decision -> decision.contains(" ROLLOUT "));
        assertThat(undisturbed.alerts()).isNotEmpty();
        assertThat(undisturbed.versions()).hasSizeGreaterThan(3);
        assertThat(undisturbed.ledger())
                .hasSizeGreaterThanOrEqualTo(undisturbed.decisions().size());
    }

    @Test
    void aFeedThatFallsSilentStopsNoClockAndRaisesAnAlert() {
        long silentDays = undisturbed.days().stream()
                .filter(day -> day.compareTo(Parcels.ROADS_SILENT.toString()) > 0)
                .count();
        assertThat(silentDays)
                .isEqualTo(Parcels.ROADS_SILENT.until(Parcels.REPLAY_TO).getDays());
        assertThat(undisturbed.alerts()).anyMatch(alert -> alert.startsWith("OPEN roads ") && alert.contains("late"));
        assertThat(undisturbed.decisions().getLast()).contains("INSUFFICIENT_DATA", "excluded by the data contract");
    }

    @Test
    void everyPredictionAndEveryOutcomeIsCountedOnce() {
        List<String> days = undisturbed.days();
        List<String> expected = Parcels.REPLAY_FROM
                .datesUntil(Parcels.REPLAY_TO)
                .map(LocalDate::toString)
                .toList();
        assertThat(days).hasSameSizeAs(expected);
        // the first parcel of the first day is due at the very moment the replay begins, before anything serves
        assertThat(days.getFirst()).contains(" " + (ROWS_A_DAY - 1) + " rows ", " " + (ROWS_A_DAY - 1) + " labelled");
        assertThat(days.subList(1, days.size()))
                .allSatisfy(
                        day -> assertThat(day).contains(" " + ROWS_A_DAY + " rows ", " " + ROWS_A_DAY + " labelled"));
    }

    @Test
    void killedAtEachNamedPointOfTheServerItEndsTheSame() throws IOException {
        Disturbance.AtPoints points = new Disturbance.AtPoints(SERVER_POINTS);
        Story.Ending ending = play("points", points, points.flag(), "");
        System.err.println("the server died at " + points.died());
        assertThat(points.died()).containsExactlyElementsOf(SERVER_POINTS);
        same(ending);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void killedAtRandomMomentsItEndsTheSame(long seed) throws IOException {
        Disturbance.AtRandom random = new Disturbance.AtRandom(seed, 8);
        Story.Ending ending = play("seed" + seed, random, "", "");
        System.err.println("seed " + seed + " killed " + random.killed());
        assertThat(random.killed()).isNotEmpty();
        same(ending);
    }

    @ParameterizedTest
    @MethodSource("childPoints")
    void killedAtANamedPointOfAWorkerOrTheScorerItEndsTheSame(String point) throws IOException {
        same(play(point.replace(':', '-'), Disturbance.NONE, "", "-Dperennial.crash-at=" + point));
    }

    static Stream<Long> seeds() {
        return IntStream.rangeClosed(1, longer() ? 10 : 1).mapToObj(seed -> (long) seed);
    }

    static Stream<String> childPoints() {
        Stream<String> some = Stream.of("worker.step.afterStage:3");
        return longer()
                ? Stream.concat(
                        some,
                        Stream.of(
                                "worker.step.before:2",
                                "worker.complete.after:2",
                                "scorer-before-delivery:20",
                                "scorer-after-delivery:20",
                                "scorer-before-shadow:300"))
                : some;
    }

    private static boolean longer() {
        return !"false".equals(System.getProperty("perennial.long", "false"));
    }

    private static Story.Ending play(String name, Disturbance disturbance, String serverFlag, String childFlags)
            throws IOException {
        long start = System.nanoTime();
        Path own = folder.resolve(name);
        own.toFile().mkdirs();
        String[] flags = serverFlag.isEmpty() ? new String[0] : new String[] {serverFlag};
        try (Installation installation = Installation.startWith(own, childFlags, flags)) {
            Story story = new Story(installation, parcels);
            story.begin();
            story.play(disturbance);
            Story.Ending ending = story.ending();
            System.err.printf("the story '%s' took %.1f s%n", name, (System.nanoTime() - start) / 1e9);
            return ending;
        }
    }

    private static void same(Story.Ending ending) {
        assertThat(ending.decisions()).isEqualTo(undisturbed.decisions());
        assertThat(ending.versions()).isEqualTo(undisturbed.versions());
        assertThat(ending.ledger()).isEqualTo(undisturbed.ledger());
        assertThat(ending.days()).isEqualTo(undisturbed.days());
        assertThat(ending.alerts()).isEqualTo(undisturbed.alerts());
    }
}
