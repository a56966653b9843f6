package dev.perennial.worker.scoring;

import static dev.perennial.worker.scoring.Scoring.score;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Json;
import dev.perennial.worker.StepFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreParquetTest {
    private static final String COLUMNS =
            "0.5::DOUBLE AS \"f 0\", -1::TINYINT AS \"f 1\", 0.2::DECIMAL(9,3) AS \"f 2\", 0::UBIGINT AS \"f 3\","
                    + " 'v1' AS \"f 4\", 'v7'::ENUM('v1', 'v7') AS \"f 5\"";
    private static final double SCORE = score(0.5, -1, 0.2, 0, "v1", "v7");

    @TempDir
    Path folder;

    private Scoring parquet(String query) throws IOException {
        Scoring.parquet(folder.resolve("in.parquet"), query);
        return new Scoring(folder, "in.parquet");
    }

    private List<List<Object>> read(Scoring job, String select) throws IOException {
        job.run();
        return Scoring.read(job.output(), select);
    }

    @Test
    void columnsKeepTheirTypesAndScoresStandBehind() throws IOException {
        Scoring job = parquet("SELECT DATE '2024-01-31' AS day, [1, 2] AS list, {'a': 1} AS object, " + COLUMNS);
        assertThat(
                        read(
                                job,
                                "day::VARCHAR, typeof(day), typeof(list), typeof(object), typeof(\"f 2\"), score, version, error"))
                .containsExactly(Arrays.asList(
                        "2024-01-31",
                        "DATE",
                        "INTEGER[]",
                        "STRUCT(a INTEGER)",
                        "DECIMAL(9,3)",
                        SCORE,
                        "frames/7",
                        null));
    }

    @Test
    void aFileWithoutRowsGivesOne() throws IOException {
        Scoring job = parquet("SELECT 1 AS more, " + COLUMNS + " WHERE false");
        assertThat(job.run().values().get("rows")).isEqualTo(Json.tree(0L));
        assertThat(Scoring.read(job.output(), "more, score, version, error")).isEmpty();
    }

    @Test
    void aFileThatIsNoParquetIsRefused() throws IOException {
        Files.writeString(folder.resolve("in.parquet"), "no parquet at all");
        assertThatThrownBy(new Scoring(folder, "in.parquet")::run)
                .isInstanceOfSatisfying(
                        StepFailure.class, e -> assertThat(e.kind()).isEqualTo(StepFailure.Kind.USER))
                .hasMessageContaining("No magic bytes found");
    }

    @Test
    void anEmptyFileIsRefused() throws IOException {
        Files.createFile(folder.resolve("in.parquet"));
        assertThatThrownBy(new Scoring(folder, "in.parquet")::run)
                .isInstanceOfSatisfying(
                        StepFailure.class, e -> assertThat(e.kind()).isEqualTo(StepFailure.Kind.USER));
    }

    @Test
    void aMissingColumnIsNamed() throws IOException {
        assertThatThrownBy(parquet("SELECT 1 AS \"f 0\", 2 AS x")::run)
                .hasMessage("the file has no column f 1, f 2, f 3, f 4, f 5, which the model needs; it has f 0, x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'1'", "true", "DATE '2024-01-01'", "[1]"})
    void aColumnOfAnotherTypeIsRefusedBeforeAnyWork(String value) throws IOException {
        Scoring job = parquet("SELECT " + value + " AS \"f 0\", " + COLUMNS.substring(COLUMNS.indexOf("-1::")));
        assertThatThrownBy(job::run)
                .isInstanceOf(StepFailure.class)
                .hasMessageMatching("column 'f 0' of the file is [A-Z]+(\\[])?, the model takes a number");
        assertThat(job.parts()).isEmpty();
    }

    @Test
    void anAddedNameIsRefused() throws IOException {
        assertThatThrownBy(parquet("SELECT 1 AS version, " + COLUMNS)::run)
                .hasMessage("the file has a column 'version', and the result would have another; rename it");
    }

    @Test
    void nullsAndNoNumbersAreMissing() throws IOException {
        Scoring job = parquet("SELECT 'nan'::DOUBLE AS \"f 0\", NULL::INTEGER AS \"f 1\", 0.2::FLOAT AS \"f 2\","
                + " 0 AS \"f 3\", NULL::VARCHAR AS \"f 4\", 'v7' AS \"f 5\"");
        assertThat(read(job, "score, error"))
                .containsExactly(Arrays.asList(score(null, null, (double) 0.2f, 0, null, "v7"), null));
    }

    @Test
    void anInfiniteNumberIsAnErrorOfItsRowAlone() throws IOException {
        Scoring job = parquet("SELECT x AS \"f 0\", " + COLUMNS.substring(COLUMNS.indexOf("-1::"))
                + " FROM (VALUES ('inf'::DOUBLE), (0.5)) t(x)");
        assertThat(read(job, "score, error"))
                .containsExactly(Arrays.asList(null, "f 0: the number is too large"), Arrays.asList(SCORE, null));
    }

    @Test
    void aNameWithQuotesIsAName() throws IOException {
        Scoring job = parquet("SELECT 5 AS \"it's \"\"so\"\"\", " + COLUMNS);
        assertThat(read(job, "\"it's \"\"so\"\"\", score")).containsExactly(List.of(5, SCORE));
    }

    @Test
    void csvCanBeMadeOfIt() throws IOException {
        assertThat(parquet("SELECT 'a,b' AS x, " + COLUMNS).becoming("csv").lines())
                .containsExactly(
                        "x,f 0,f 1,f 2,f 3,f 4,f 5,score,version,error",
                        "\"a,b\",0.5,-1,0.200,0,v1,v7," + SCORE + ",frames/7,");
    }

    @Test
    void objectsCanBeMadeOfIt() throws IOException {
        String line = parquet("SELECT [1, 2] AS x, " + COLUMNS)
                .becoming("jsonl")
                .lines()
                .getFirst();
        assertThat(Json.parse(line).path("x")).isEqualTo(Json.parse("[1,2]"));
        assertThat(Json.parse(line).path("score").asDouble()).isEqualTo(SCORE);
        assertThat(Json.parse(line).path("error").isNull()).isTrue();
    }

    @Test
    void manyRowsComeInTheirOrderWithTheirOwnScores() throws IOException {
        int count = 200_001;
        Scoring job = parquet("SELECT i::INTEGER AS n, (i * 37 % 1000) / 250.0::DOUBLE - 2 AS \"f 0\","
                + " (i * 91 % 1000) / 250.0::DOUBLE - 2 AS \"f 1\", (i * 17 % 1000) / 250.0::DOUBLE - 2 AS \"f 2\","
                + " (i * 53 % 1000) / 250.0::DOUBLE - 2 AS \"f 3\", 'v' || i % 5 AS \"f 4\", 'v' || i % 40 AS \"f 5\""
                + " FROM range(" + count + ") r(i)");
        List<List<Object>> rows = read(job, "n, score");
        assertThat(rows).hasSize(count);
        double[] expected = Scoring.scores(Scoring.rows(count));
        assertThat(IntStream.range(0, count).filter(i -> !rows.get(i).equals(List.of(i, expected[i]))))
                .as("rows that are not as they should be")
                .isEmpty();
    }
}
