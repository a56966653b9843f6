package dev.perennial.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.gates.Evaluation;
import dev.perennial.kernel.Json;
import dev.perennial.monitoring.DayResult;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClosingTableTest {
    private static final LocalDate FIRST = LocalDate.of(2013, 4, 20);
    private static final int DAYS = 20;

    @Test
    void eachArmIsToldByMonthAndInAll() {
        JsonNode table = ClosingTable.of(arms(0.5, 0.45), List.of());
        assertThat(names(table)).containsExactly(Arms.NEVER, "other");
        assertThat(table.at("/arms/0/months"))
                .extracting(line -> line.path("month").asText())
                .containsExactly("2013-04", "2013-05", "all");
        JsonNode all = table.at("/arms/0/months/2");
        assertThat(all.path("rows").asLong()).isEqualTo(DAYS * 100);
        assertThat(all.path("rate").asDouble()).isEqualTo(0.25);
        assertThat(all.path("logLoss").asDouble()).isCloseTo(0.5, offset(1e-12));
        assertThat(all.path("calibration").asDouble()).isCloseTo(0.05, offset(1e-12));
        assertThat(all.path("skill").asDouble())
                .isCloseTo(1 - 0.5 / -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75)), offset(1e-12));
        assertThat(all.path("auc").asDouble()).isEqualTo(1);
    }

    @Test
    void onlyOtherArmsAreComparedWithNeverRetraining() {
        JsonNode table = ClosingTable.of(arms(0.5, 0.45), List.of());
        assertThat(table.at("/arms/0/months/2").has("minusNever")).isFalse();
        JsonNode difference = table.at("/arms/1/months/2/minusNever");
        assertThat(difference.path("estimate").asDouble()).isCloseTo(-0.05, offset(1e-12));
        assertThat(difference.path("days").asInt()).isEqualTo(DAYS);
        assertThat(difference.path("high").asDouble()).isNegative();
    }

    @Test
    void theLoopStandsBesideThemWhereItServed() {
        List<DayResult> served = new ArrayList<>();
        for (int day = 0; day < DAYS; day++) {
            served.add(served(FIRST.plusDays(day), day == 0 ? 0 : 100));
        }
        JsonNode table = ClosingTable.of(arms(0.5, 0.45), served);
        assertThat(names(table)).containsExactly(Arms.NEVER, "other", ClosingTable.LOOP);
        assertThat(table.at("/arms/2/months/2/rows").asLong()).isEqualTo((DAYS - 1) * 100);
        assertThat(table.at("/arms/2/months/2/minusNever/days").asInt()).isEqualTo(DAYS - 1);
    }

    @Test
    void daysWithOtherRowsAreNotCompared() {
        List<DayResult> served =
                List.of(served(FIRST, 99), served(FIRST.plusDays(1), 100), served(FIRST.plusDays(2), 100));
        assertThat(ClosingTable.of(arms(0.5, 0.45), served)
                        .at("/arms/2/months/1/minusNever/days")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void whatCannotBeToldIsNullAndNeverNotANumber() {
        ObjectNode arms = Json.object();
        ArrayNode days = arm(arms.putArray("arms"), Arms.NEVER);
        day(days, FIRST, 0, 0.1);
        day(arm(arms.withArray("arms"), "other"), FIRST, 0, 0.2);
        JsonNode table = ClosingTable.of(arms, List.of());
        JsonNode line = table.at("/arms/1/months/0");
        assertThat(line.path("skill").isNull()).isTrue();
        assertThat(line.path("auc").isNull()).isTrue();
        assertThat(line.has("minusNever")).as("one day has no interval").isFalse();
        assertThat(Json.parse(table.toString())).isEqualTo(Json.parse(Json.canonical(table)));
    }

    @Test
    void anArmWithoutADayHasNoLine() {
        ObjectNode arms = Json.object();
        arm(arms.putArray("arms"), Arms.NEVER);
        assertThat(ClosingTable.of(arms, List.of()).at("/arms/0/months")).isEmpty();
    }

    private static List<String> names(JsonNode table) {
        List<String> names = new ArrayList<>();
        table.path("arms").forEach(arm -> names.add(arm.path("name").asText()));
        return names;
    }

    private static JsonNode arms(double never, double other) {
        ObjectNode file = Json.object();
        ArrayNode arms = file.putArray("arms");
        ArrayNode neverDays = arm(arms, Arms.NEVER);
        ArrayNode otherDays = arm(arms, "other");
        for (int day = 0; day < DAYS; day++) {
            day(neverDays, FIRST.plusDays(day), 25, never);
            day(otherDays, FIRST.plusDays(day), 25, other + (day % 2 == 0 ? 0.001 : -0.001));
        }
        return file;
    }

    private static ArrayNode arm(ArrayNode arms, String name) {
        return arms.addObject().put("name", name).putArray("days");
    }

    private static void day(ArrayNode days, LocalDate day, int positives, double logLoss) {
        ObjectNode node =
                days.addObject().put("day", day.toString()).put("labelled", 100).put("positives", positives);
        node.set("scores", Json.tree(scores(positives, logLoss)));
    }

    private static DayResult served(LocalDate day, int labelled) {
        return new DayResult(
                day.toString(),
                0,
                1,
                100,
                labelled,
                labelled / 4,
                scores(25, 0.4),
                Map.of(),
                Map.of(),
                Map.of(),
                1,
                null);
    }

    private static Evaluation.Scores scores(int positives, double logLoss) {
        return new Evaluation.Scores(
                logLoss * 100, 40, 18, 30, positives == 0 ? new int[0] : new int[] {900, positives}, new int[] {
                    100, 100 - positives
                });
    }
}
