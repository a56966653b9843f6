package dev.perennial.worker.scoring;

import static dev.perennial.worker.scoring.Scoring.HEADER;
import static dev.perennial.worker.scoring.Scoring.score;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Json;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler.StepOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreCsvTest {
    private static final String RESULT = HEADER + ",score,version,error";
    private static final String ROW = "0.5,-1,2e-1,0,v1,v7";
    private static final double SCORE = score(0.5, -1, 0.2, 0, "v1", "v7");

    @TempDir
    Path folder;

    private Scoring csv(String text) throws IOException {
        Scoring.write(folder.resolve("in.csv"), text);
        return new Scoring(folder, "in.csv");
    }

    private void refused(Scoring job, StepFailure.Kind kind, String message) {
        assertThatThrownBy(job::run)
                .isInstanceOfSatisfying(
                        StepFailure.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessage(message);
        assertThat(job.output()).doesNotExist();
    }

    @Test
    void aRowKeepsItsBytesAndGetsTheModelsScoreAndItsVersion() throws IOException {
        assertThat(csv(HEADER + "\n" + ROW + "\n").lines()).containsExactly(RESULT, ROW + "," + SCORE + ",frames/7,");
    }

    @Test
    void whatCameOfItIsTold() throws IOException {
        StepOutput output = csv(HEADER + "\n" + ROW + "\nx,0,0,0,v1,v7\n").run();
        Path result = folder.resolve("job.out.csv");
        assertThat(output.values().get("rows")).isEqualTo(Json.tree(2L));
        assertThat(output.values().get("errors")).isEqualTo(Json.tree(1L));
        assertThat(output.values().get("bytes").asLong()).isEqualTo(Files.size(result));
        assertThat(output.files()).as("a result is no output of a run").isEmpty();
    }

    @Test
    void columnsAreFoundByNameAndOthersAreKept() throws IOException {
        assertThat(csv("day,f 5,f 4,f 3,f 2,f 1,f 0\n2024-01-31,v7,v1,0,2e-1,-1,0.5\n")
                        .lines())
                .containsExactly(
                        "day,f 5,f 4,f 3,f 2,f 1,f 0,score,version,error",
                        "2024-01-31,v7,v1,0,2e-1,-1,0.5," + SCORE + ",frames/7,");
    }

    @Test
    void aHeaderAloneGivesAHeaderAlone() throws IOException {
        assertThat(csv(HEADER + "\n").lines()).containsExactly(RESULT);
    }

    @Test
    void aHeaderWithoutALineEndIsAHeader() throws IOException {
        assertThat(csv(HEADER).lines()).containsExactly(RESULT);
    }

    @Test
    void anEmptyFileIsRefused() throws IOException {
        refused(csv(""), StepFailure.Kind.CONFIG, "the file is empty; its first line must name the columns");
    }

    @Test
    void aMissingColumnIsNamedBeforeAnyWork() throws IOException {
        Scoring job = csv("f 0,f 2,f 3,f 5,other\n1,1,1,v1,x\n");
        refused(
                job,
                StepFailure.Kind.CONFIG,
                "the file has no column f 1, f 4, which the model needs; it has f 0, f 2, f 3, f 5, other");
        assertThat(job.parts()).isEmpty();
    }

    @Test
    void namesOfColumnsAreTakenAsTheyAre() throws IOException {
        refused(
                csv("F 0,f 1,f 2,f 3,f 4, f 5\n"),
                StepFailure.Kind.CONFIG,
                "the file has no column f 0, f 5, which the model needs; it has F 0, f 1, f 2, f 3, f 4,  f 5");
    }

    @Test
    void twoColumnsOfOneNameAreRefused() throws IOException {
        refused(csv(HEADER + ",a,a\n"), StepFailure.Kind.CONFIG, "the file has two columns 'a'; rename one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"score", "version", "error"})
    void aColumnThatTheResultAddsIsRefused(String name) throws IOException {
        refused(
                csv(HEADER + "," + name + "\n"),
                StepFailure.Kind.CONFIG,
                "the file has a column '" + name + "', and the result would have another; rename it");
    }

    @Test
    void aCellThatIsNoNumberIsAnErrorOfItsRowAlone() throws IOException {
        assertThat(csv(HEADER + "\nnot a number,0,0,0,v1,v7\n" + ROW + "\n").lines())
                .containsExactly(
                        RESULT,
                        "not a number,0,0,0,v1,v7,,frames/7,\"f 0: expected a number, got the text 'not a number'\"",
                        ROW + "," + SCORE + ",frames/7,");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"NaN", "Infinity", "0x10", "1f", "1d", "--1", "1e", "1e+", ".", "1,5", "1_000", "null", "१"})
    void onlyPlainNumbersAreNumbers(String text) throws IOException {
        List<String> lines = csv(HEADER + "\n\"" + text + "\",0,0,0,v1,v7\n").lines();
        assertThat(lines.get(1)).contains("f 0: expected a number, got the text '" + text + "'");
    }

    @Test
    void numbersMayHaveSignsExponentsAndSpacesAround() throws IOException {
        assertThat(csv(HEADER + "\n +5E-1 ,-1.,.2,0e7,v1,v7\n").lines())
                .containsExactly(RESULT, " +5E-1 ,-1.,.2,0e7,v1,v7," + SCORE + ",frames/7,");
    }

    @Test
    void aNumberBeyondDoubleIsAnError() throws IOException {
        assertThat(csv(HEADER + "\n1e999,0,0,0,v1,v7\n").lines().get(1))
                .endsWith(",,frames/7,f 0: the number is too large");
    }

    @Test
    void nothingBetweenSeparatorsIsAMissingValue() throws IOException {
        assertThat(csv(HEADER + "\n,-1,,0,,v7\n").lines().get(1))
                .isEqualTo(",-1,,0,,v7," + score(null, -1, null, 0, null, "v7") + ",frames/7,");
    }

    @Test
    void aPairOfQuotesIsAnEmptyTextAndNoNumber() throws IOException {
        List<String> lines =
                csv(HEADER + "\n0.5,-1,2e-1,0,\"\",v7\n\"\",-1,2e-1,0,v1,v7\n").lines();
        assertThat(lines.get(1)).isEqualTo("0.5,-1,2e-1,0,\"\",v7," + score(0.5, -1, 0.2, 0, "", "v7") + ",frames/7,");
        assertThat(lines.get(2)).contains("f 0: expected a number, got the text ''");
    }

    @Test
    void quotesLineBreaksSeparatorsAndUnicodePassAsTheyAre() throws IOException {
        String row = "\"a \"\"word\"\",\nand another\",\"0.5\",-1,2e-1,0,\"v1\",v7";
        assertThat(csv("größe 📏,f 0,f 1,f 2,f 3,f 4,f 5\n" + row + "\n")
                        .run()
                        .values()
                        .get("rows"))
                .isEqualTo(Json.tree(1L));
        assertThat(Files.readString(folder.resolve("job.out.csv")))
                .isEqualTo(
                        "größe 📏,f 0,f 1,f 2,f 3,f 4,f 5,score,version,error\n" + row + "," + SCORE + ",frames/7,\n");
    }

    @Test
    void bytesThatAreNoUnicodePassInColumnsThatTheModelDoesNotTake() throws IOException {
        byte[] text = ("x," + HEADER + "\n?," + ROW + "\n").getBytes(StandardCharsets.US_ASCII);
        text[text.length - ROW.length() - 3] = (byte) 0xE9;
        Files.write(folder.resolve("in.csv"), text);
        Scoring job = new Scoring(folder, "in.csv");
        job.run();
        assertThat(Files.readAllBytes(job.output())).contains((byte) 0xE9);
        assertThat(Files.readString(job.output(), StandardCharsets.ISO_8859_1))
                .contains("\né," + ROW + "," + SCORE + ",frames/7,\n");
    }

    @Test
    void aTextThatIsNoUnicodeIsAnErrorWhereTheModelTakesIt() throws IOException {
        byte[] text = (HEADER + "\n0,0,0,0,?,v1\n").getBytes(StandardCharsets.US_ASCII);
        text[text.length - 5] = (byte) 0xE9;
        Files.write(folder.resolve("in.csv"), text);
        Scoring job = new Scoring(folder, "in.csv");
        job.run();
        assertThat(Files.readString(job.output(), StandardCharsets.ISO_8859_1))
                .endsWith("\n0,0,0,0,é,v1,,frames/7,f 4: the text is not UTF-8\n");
    }

    @Test
    void linesEndAsInTheInputAndTheMarkBeforeItGoes() throws IOException {
        csv("\uFEFF" + HEADER + "\r\n" + ROW + "\r\n").run();
        assertThat(Files.readString(folder.resolve("job.out.csv")))
                .isEqualTo(RESULT + "\r\n" + ROW + "," + SCORE + ",frames/7,\r\n");
    }

    @Test
    void blankLinesAreNoRows() throws IOException {
        assertThat(csv(HEADER + "\n\n" + ROW + "\n\n\n" + ROW).lines()).hasSize(3);
    }

    @Test
    void aRowOfTooFewFieldsIsFilledUpAndOneOfTooManyIsCut() throws IOException {
        assertThat(csv(HEADER + "\n1,2\n" + ROW + ",more\n").lines())
                .containsExactly(
                        RESULT,
                        "1,2,,,,,,frames/7,\"the row has 2 fields, the header 6\"",
                        ROW + ",,frames/7,\"the row has 7 fields, the header 6\"");
    }

    @Test
    void aQuoteThatIsNeverClosedIsAnErrorOfTheLastRow() throws IOException {
        csv(HEADER + "\n" + ROW + "\n1,2,3,4,\"v1,v2\n1,2,3\n").run();
        assertThat(Files.readString(folder.resolve("job.out.csv")))
                .contains(ROW + "," + SCORE + ",frames/7,\n")
                .endsWith(",,frames/7,the quote that begins field 5 is not closed\n");
    }

    @Test
    void textAfterAClosingQuoteIsAnError() throws IOException {
        assertThat(csv(HEADER + "\n0,0,0,0,\"v\"1,v7\n").lines().get(1))
                .endsWith(",frames/7,field 5 goes on after its closing quote");
    }

    @Test
    void aWideFileIsScored() throws IOException {
        StringBuilder header = new StringBuilder(HEADER);
        StringBuilder row = new StringBuilder(ROW);
        for (int i = 0; i < 5_000; i++) {
            header.append(',').append("wide ").append(i);
            row.append(',').append(i);
        }
        assertThat(csv(header + "\n" + row + "\n").lines().get(1)).isEqualTo(row + "," + SCORE + ",frames/7,");
    }

    @Test
    void tooManyErrorsEndTheJobWithAnExample() throws IOException {
        refused(
                csv(HEADER + "\n" + ROW + "\nx,0,0,0,v1,v7\ny,0,0,0,v1,v7\n").errorsMax(1),
                StepFailure.Kind.USER,
                "2 of 3 rows have no result, at most 1 are allowed; row 2: f 0: expected a number, got the text 'x'");
    }

    @Test
    void asManyErrorsAsAllowedDoNotEndIt() throws IOException {
        assertThat(csv(HEADER + "\nx,0,0,0,v1,v7\n").errorsMax(1).lines()).hasSize(2);
    }

    @Test
    void packedTextStaysPacked() throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(folder.resolve("in.csv.gz")))) {
            out.write((HEADER + "\n" + ROW + "\n").getBytes(StandardCharsets.UTF_8));
        }
        Scoring job = new Scoring(folder, "in.csv.gz");
        job.run();
        try (InputStream in = new GZIPInputStream(Files.newInputStream(job.output()))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(RESULT + "\n" + ROW + "," + SCORE + ",frames/7,\n");
        }
    }

    @Test
    void aFileSeparatedByTabsStaysSo() throws IOException {
        Scoring.write(folder.resolve("in.tsv"), (HEADER + "\n" + ROW + "\n").replace(',', '\t'));
        assertThat(new Scoring(folder, "in.tsv").lines().get(1))
                .isEqualTo((ROW + "," + SCORE + ",frames/7,").replace(',', '\t'));
    }

    @Test
    void tabsBecomeCommas() throws IOException {
        Scoring.write(
                folder.resolve("in.tsv"),
                ("x," + HEADER + "\na;b," + ROW + "\n").replace(',', '\t').replace(';', ','));
        assertThat(new Scoring(folder, "in.tsv").becoming("csv").lines().get(1))
                .isEqualTo("\"a,b\"," + ROW + "," + SCORE + ",frames/7,");
    }

    @Test
    void objectsOfTextsCanBeMadeOfIt() throws IOException {
        assertThat(csv("x," + HEADER + "\n\"a \"\"b\"\"\"," + ROW + "\n,z,,,,,\n")
                        .becoming("jsonl")
                        .lines())
                .containsExactly(
                        "{\"x\":\"a \\\"b\\\"\",\"f 0\":\"0.5\",\"f 1\":\"-1\",\"f 2\":\"2e-1\",\"f 3\":\"0\","
                                + "\"f 4\":\"v1\",\"f 5\":\"v7\",\"score\":" + SCORE
                                + ",\"version\":\"frames/7\",\"error\":null}",
                        "{\"x\":null,\"f 0\":\"z\",\"f 1\":null,\"f 2\":null,\"f 3\":null,\"f 4\":null,\"f 5\":null,"
                                + "\"score\":null,\"version\":\"frames/7\","
                                + "\"error\":\"f 0: expected a number, got the text 'z'\"}");
    }

    @Test
    void parquetCanBeMadeOfItAndTextsStayTexts() throws IOException {
        Scoring job =
                csv("id," + HEADER + "\n007," + ROW + "\n\"a\nb\",z,,,,v1,v1\n").becoming("parquet");
        job.run();
        assertThat(Scoring.read(job.output(), "id, \"f 0\", score, version, error"))
                .containsExactly(
                        Arrays.asList("007", "0.5", SCORE, "frames/7", null),
                        Arrays.asList("a\nb", "z", null, "frames/7", "f 0: expected a number, got the text 'z'"));
        assertThat(folder.toFile().list((dir, name) -> name.startsWith(".job.out")))
                .as("what it was made of is gone")
                .isEmpty();
    }

    @Test
    void manyRowsComeInTheirOrderWithTheirOwnScores() throws IOException {
        int count = 200_001;
        Scoring.write(folder.resolve("in.csv"), Scoring.csv(count));
        Scoring job = new Scoring(folder, "in.csv");
        List<String> lines = job.lines();
        assertThat(lines).hasSize(count + 1);
        double[] expected = Scoring.scores(Scoring.rows(count));
        List<String> input = Files.readAllLines(folder.resolve("in.csv"));
        assertThat(IntStream.range(0, count)
                        .filter(i -> !lines.get(i + 1).equals(input.get(i + 1) + "," + expected[i] + ",frames/7,")))
                .as("rows that are not as they should be")
                .isEmpty();
        assertThat(job.parts()).hasSize(5);
    }

    @Test
    void exactlyOnePartOfRowsIsOnePart() throws IOException {
        Scoring.write(folder.resolve("in.csv"), Scoring.csv(Parts.ROWS));
        Scoring job = new Scoring(folder, "in.csv");
        assertThat(job.run().values().get("rows")).isEqualTo(Json.tree((long) Parts.ROWS));
        assertThat(job.parts()).hasSize(1);
    }
}
