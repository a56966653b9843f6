package dev.perennial.lifecycle;

import static dev.perennial.lifecycle.LifeFixture.MODEL;
import static dev.perennial.lifecycle.LifeFixture.START;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.perennial.gates.Trial;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PageRequest;
import dev.perennial.pipelines.WorkerProtocol.Claim.Work;
import dev.perennial.pipelines.WorkerResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Served rows of closed days are compared with the sources, whoever has it done. */
abstract class SkewContract extends LifeContract {
    private static final ZoneId ZONE = ZoneId.of("America/New_York");

    @BeforeEach
    void begin() {
        life.workers.on("skew", SkewContract::compare);
    }

    @Test
    void everyClosedDayIsComparedOnItsOwnWhereTheFileSaysNothing() {
        serves("1d");
        life.serve(START, START.plusDays(1), 5);
        life.advance(START.plusDays(1));
        compared(1);
        life.advance(START.plusDays(2));
        compared(2);
        assertThat(days()).containsExactly("2013-04-02 5 1", "2013-04-01 5 1");
        assertThat(life.workers.steps("skew")).hasSize(2);
    }

    @Test
    void daysWaitUntilThereAreAsManyAsTheFileSays() {
        serves("3d");
        life.serve(START, START.plusDays(2), 5);
        life.advance(START.plusDays(2));
        assertThat(life.state().comparing()).isNull();
        life.advance(START.plusDays(3));
        compared(3);
        assertThat(life.workers.steps("skew")).hasSize(1);
    }

    @Test
    void daysOnWhichNothingWasServedNeedNoWorker() {
        serves("1d");
        life.advance(START.plusDays(3));
        assertThat(days()).containsExactly("2013-04-03 0 0", "2013-04-02 0 0", "2013-04-01 0 0");
        assertThat(life.workers.steps("skew")).isEmpty();
        assertThat(life.room.skew().page(MODEL, PageRequest.of(null, null)).items())
                .allSatisfy(day -> assertThat(day.run()).isEmpty());
    }

    @Test
    void whatACandidatesRunComparedCounts() {
        serves("7d");
        life.serve(START, START.plusDays(13), 5);
        life.advance(START.plusDays(7));
        compared(7);
        life.trial = new Trial().gain(-0.05);
        life.advance(START.plusDays(14));
        assertThat(days()).hasSize(14).allMatch(day -> day.endsWith(" 5 1"));
        assertThat(life.workers.steps("skew")).hasSize(2);
        assertThat(life.workers.steps("snapshot"))
                .as("the second comparison was the candidate's")
                .hasSize(2);
        life.advance(START.plusDays(15));
        assertThat(life.workers.steps("skew")).hasSize(2);
    }

    @Test
    void aComparisonThatFailedIsMadeAgainTheNextMorning() {
        serves("1d");
        life.serve(START, START.plusDays(1), 5);
        life.workers.on("skew", work -> {
            throw new IllegalStateException("the file is gone");
        });
        life.advance(START.plusDays(1));
        until(() -> life.workers.steps("skew").size() == 1 && life.state().comparing() == null);
        assertThat(days()).isEmpty();
        life.workers.on("skew", SkewContract::compare);
        life.advance(START.plusDays(2));
        compared(2);
        assertThat(life.workers.steps("skew")).hasSize(2);
    }

    @Test
    void aLongRestIsCaughtUpInRunsOfAMonth() {
        serves("60d");
        life.serve(START, START.plusDays(39), 1);
        life.advance(START.plusDays(5));
        apply("1d");
        life.advance(START.plusDays(40));
        until(() -> life.state().comparing() == null);
        long open = 40 - days().size();
        life.advance(START.plusDays(41));
        until(() -> life.state().comparing() == null && days().size() == 41);
        assertThat(open).isGreaterThanOrEqualTo(0);
        assertThat(life.workers.steps("skew"))
                .allSatisfy(work -> assertThat(rowsByDay(work).size()).isLessThanOrEqualTo(SkewDesk.DAYS_MAX));
    }

    @Test
    void aWorkerIsGivenTheColumnsOfTheVersionThatAnswered() {
        serves("1d");
        life.serve(START, START, 5);
        life.advance(START.plusDays(1));
        compared(1);
        Work work = life.workers.steps("skew").getFirst();
        assertThat(work.parameters().path("columns"))
                .isEqualTo(Json.parse("{\"flight-delay@spring/1\":[\"carrier\"]}"));
    }

    @Test
    void theClockWaitsForAComparisonAndWhatDiffersIsAFindingOfTheNextLooks() {
        serves("1d");
        life.serve(START, START.plusDays(4), 60);
        for (int day = 1; day <= 4; day++) {
            life.advance(START.plusDays(day));
            assertThat(life.state().comparing()).isNull();
        }
        assertThat(life.alerts("OPEN")).singleElement().satisfies(alert -> {
            assertThat(alert.title()).contains("Served features differ from their recomputation");
            assertThat(alert.findings().getFirst().text())
                    .isEqualTo(
                            "carrier: 1 of 60 served values of 2013-04-02 are not what the sources give now (1.7 %)");
        });
    }

    @Test
    void daysArePagedNewestFirst() {
        serves("1d");
        life.advance(START.plusDays(3));
        var first = life.room.skew().page(MODEL, PageRequest.of(2, null));
        assertThat(first.items()).extracting(SkewDays.Day::day).containsExactly("2013-04-03", "2013-04-02");
        assertThat(life.room
                        .skew()
                        .page(MODEL, PageRequest.of(2, first.next().orElseThrow()))
                        .items())
                .extracting(SkewDays.Day::day)
                .containsExactly("2013-04-01");
    }

    private void serves(String every) {
        apply(every);
        life.idle();
        assertThat(life.champion()).contains(1);
        life.trial = new Trial();
    }

    private void apply(String every) {
        assertThat(LifeFixture.text()).contains("skew-every: 7d");
        life.apply(LifeFixture.text().replace("skew-every: 7d", "skew-every: " + every));
    }

    private void compared(int count) {
        until(() -> days().size() == count && life.state().comparing() == null);
    }

    private static void until(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + java.util.concurrent.TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    /** Days with the cells compared and those that differ, newest first. */
    private List<String> days() {
        return life.room.skew().page(MODEL, PageRequest.of(null, null)).items().stream()
                .map(day -> day.day() + " " + day.cells() + " " + day.differing())
                .toList();
    }

    /** One differing cell on each day that has rows. */
    private static WorkerResult compare(Work work) {
        ArrayNode days = Json.array();
        rowsByDay(work)
                .forEach((day, rows) -> days.addObject()
                        .put("day", day)
                        .putObject("columns")
                        .putObject("carrier")
                        .put("rows", rows)
                        .put("equal", rows - 1)
                        .put("differing", 1));
        return LifeFixture.values(Map.of("days", days, "rows", Json.tree(1), "unmatched", Json.tree(0)));
    }

    private static Map<String, Integer> rowsByDay(Work work) {
        Map<String, Integer> rows = new TreeMap<>();
        try {
            for (String line : Files.readAllLines(Path.of(work.inputs().get("logged")))) {
                JsonNode row = Json.parse(line);
                LocalDate day = Instant.ofEpochMilli(row.path("eventTime").asLong())
                        .atZone(ZONE)
                        .toLocalDate();
                rows.merge(day.toString(), 1, Integer::sum);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return rows;
    }
}
