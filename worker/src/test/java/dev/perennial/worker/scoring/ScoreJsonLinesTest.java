package dev.perennial.worker.scoring;

import static dev.perennial.worker.scoring.Scoring.score;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.worker.StepFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoreJsonLinesTest {
    private static final String ROW = "\"f 0\":0.5,\"f 1\":-1,\"f 2\":2e-1,\"f 3\":0,\"f 4\":\"v1\",\"f 5\":\"v7\"";
    private static final double SCORE = score(0.5, -1, 0.2, 0, "v1", "v7");

    @TempDir
    Path folder;

    private Scoring lines(String... lines) throws IOException {
        Scoring.write(folder.resolve("in.jsonl"), String.join("\n", lines));
        return new Scoring(folder, "in.jsonl");
    }

    private static String scored(String members) {
        return members + ",\"score\":" + SCORE + ",\"version\":\"frames/7\",\"error\":null}";
    }

    @Test
    void anObjectKeepsItsBytesAndGetsMembers() throws IOException {
        assertThat(lines("  { \"day\" : \"2024-01-31\" , " + ROW + " }  ", "{" + ROW + "}")
                        .lines())
                .containsExactly(scored("{ \"day\" : \"2024-01-31\" , " + ROW), scored("{" + ROW));
    }

    @Test
    void anEmptyFileGivesAnEmptyFile() throws IOException {
        assertThat(lines("").lines()).isEmpty();
    }

    @Test
    void blankLinesAreNoRowsAndCarriageReturnsAreDropped() throws IOException {
        assertThat(lines("{" + ROW + "}\r", "", "  ", "{" + ROW + "}").lines())
                .containsExactly(scored("{" + ROW), scored("{" + ROW));
    }

    @Test
    void aLineThatIsNoObjectIsKeptAsText() throws IOException {
        List<String> lines = lines("[1]", "{\"f 0\": 1,", "{" + ROW + "} {}", "{" + ROW + "}")
                .lines();
        assertThat(lines).hasSize(4);
        assertThat(Json.parse(lines.get(0)).path("line").asText()).isEqualTo("[1]");
        assertThat(Json.parse(lines.get(0)).path("error").asText()).isEqualTo("the line is no JSON object");
        assertThat(Json.parse(lines.get(1)).path("error").asText()).startsWith("the line is no JSON object: ");
        assertThat(Json.parse(lines.get(2)).path("error").asText())
                .isEqualTo("the line holds more than one JSON object");
        assertThat(lines.get(3)).isEqualTo(scored("{" + ROW));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"f 0\":\"1\"|f 0: expected a number, got the text '1'",
                "\"f 0\":true|f 0: expected a number, got true",
                "\"f 0\":[1]|f 0: expected a number, got a list or an object",
                "\"f 0\":1e999|f 0: the number is too large",
                "\"f 4\":7|f 4: expected a text, got the number 7",
                "\"f 4\":{\"a\":1}|f 4: expected a text, got a list or an object",
            })
    void aWrongValueIsAnErrorOfItsRowAlone(String member, String error) throws IOException {
        String name = member.substring(0, member.indexOf(':'));
        String row = "{" + ROW.replaceFirst(name + ":[^,]*", member) + "}";
        List<String> lines = lines(row, "{" + ROW + "}").lines();
        JsonNode bad = Json.parse(lines.get(0));
        assertThat(bad.path("error").asText()).isEqualTo(error);
        assertThat(bad.path("score").isNull()).isTrue();
        assertThat(bad.has("line")).as("it is an object all the same").isFalse();
        assertThat(lines.get(1)).isEqualTo(scored("{" + ROW));
    }

    @Test
    void nullIsAMissingValue() throws IOException {
        String row = ROW.replace("0.5", "null").replace("\"v1\"", "null");
        assertThat(Json.parse(lines("{" + row + "}").lines().getFirst())
                        .path("score")
                        .asDouble())
                .isEqualTo(score(null, -1, 0.2, 0, null, "v7"));
    }

    @Test
    void aColumnThatOneObjectLacksIsAnErrorOfItsRow() throws IOException {
        List<String> lines = lines("{" + ROW + "}", "{" + ROW.replace("\"f 1\"", "\"g 1\"") + "}")
                .lines();
        assertThat(Json.parse(lines.get(1)).path("error").asText())
                .isEqualTo("f 1: the column is missing; send null for a value that is not known");
    }

    @Test
    void aColumnThatNoObjectHasIsRefusedBeforeAnyWork() throws IOException {
        Scoring job = lines("{\"f 0\":1,\"f 2\":1}", "{\"f 1\":1,\"f 4\":\"v1\",\"f 5\":\"v1\"}");
        assertThatThrownBy(job::run)
                .isInstanceOf(StepFailure.class)
                .hasMessage("the file has no column f 3, which the model needs; it has f 0, f 1, f 2, f 4, f 5");
        assertThat(job.parts()).isEmpty();
    }

    @Test
    void aMemberThatStandsTwiceIsAnError() throws IOException {
        assertThat(Json.parse(lines("{" + ROW + ",\"f 0\":2}").lines().getFirst())
                        .path("error")
                        .asText())
                .startsWith("the line is no JSON object: Duplicate");
    }

    @Test
    void aMemberThatTheResultAddsIsRefused() throws IOException {
        assertThatThrownBy(lines("{" + ROW + ",\"score\":1}")::run)
                .hasMessage("the file has a column 'score', and the result would have another; rename it");
    }

    @Test
    void aMemberThatTheResultAddsFarBehindIsAnErrorOfItsRow() throws IOException {
        String[] lines = new String[1_002];
        java.util.Arrays.fill(lines, "{" + ROW + "}");
        lines[1_001] = "{" + ROW + ",\"error\":1}";
        JsonNode last = Json.parse(lines(lines).lines().getLast());
        assertThat(last.path("error").asText()).isEqualTo("error: the result adds a column of that name; rename it");
        assertThat(last.path("line").asText()).isEqualTo(lines[1_001]);
    }

    @Test
    void anEmptyObjectGetsMembersToo() throws IOException {
        List<String> lines = lines("{" + ROW + "}", "{ }").lines();
        assertThat(lines.get(1))
                .startsWith("{\"score\":null,\"version\":\"frames/7\",\"error\":\"f 0: the column is missing");
    }

    @Test
    void unicodePasses() throws IOException {
        String text = "\"größe\":\"📏 \\u00e9\"," + ROW;
        assertThat(lines("{" + text + "}").lines()).containsExactly(scored("{" + text));
    }

    @Test
    void tablesCannotBeMadeOfIt() {
        assertThat(dev.perennial.scorings.RowsFile.parse("f", "jsonl")
                        .becomes(dev.perennial.scorings.RowsFile.parse("f", "csv")))
                .isFalse();
    }

    @Test
    void manyRowsComeInTheirOrderWithTheirOwnScores() throws IOException {
        int count = 200_001;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            Object[] v = Scoring.values(i);
            text.append("{\"n\":").append(i);
            for (int column = 0; column < 6; column++) {
                text.append(",\"f ").append(column).append("\":");
                text.append(column < 4 ? v[column].toString() : "\"" + v[column] + "\"");
            }
            text.append("}\n");
        }
        Scoring.write(folder.resolve("in.jsonl"), text.toString());
        List<String> lines = new Scoring(folder, "in.jsonl").lines();
        assertThat(lines).hasSize(count);
        double[] expected = Scoring.scores(Scoring.rows(count));
        assertThat(IntStream.range(0, count)
                        .filter(i -> !lines.get(i).startsWith("{\"n\":" + i + ",")
                                || !lines.get(i).contains(",\"score\":" + expected[i] + ",")))
                .as("rows that are not as they should be")
                .isEmpty();
    }
}
