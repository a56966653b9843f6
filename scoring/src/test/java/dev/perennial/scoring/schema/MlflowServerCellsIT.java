package dev.perennial.scoring.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.perennial.kernel.Json;
import dev.perennial.testkit.PythonScript;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real servers, started with {@code mlflow models serve}, are asked the recorded questions anew. */
class MlflowServerCellsIT {
    /** The values of the table in docs/serving-mlflow.md. */
    private static final Set<String> SHORT = Set.of(
            "[true]",
            "[2]",
            "[1.7]",
            "[3e10]",
            "[9007199254740993]",
            "[null]",
            "[\"1\"]",
            "[\"1.5\"]",
            "[\"abc\"]",
            "[\"\"]",
            "[\"false\"]",
            "[\"2024-01-02\"]",
            "[\"2024-01-02T03:04:05Z\"]",
            "[[1]]",
            "[1,null]");
    /** The same in CSV, where they are texts. */
    private static final Set<String> SHORT_CSV = Set.of("1", "1.5", "abc", "NA", "true", "3000000000");

    @TempDir
    Path folder;

    private List<String> differences(PythonScript python, String version, List<MlflowCell> cells) throws Exception {
        ArrayNode asked = Json.array();
        cells.forEach(cell -> asked.addObject().put("body", cell.body()).put("type", cell.contentType()));
        Path questions = folder.resolve("cells.json");
        Path answers = folder.resolve("answers.json");
        Files.writeString(questions, asked.toString());
        python.run(folder, "scoring_cells.py", questions.toString(), answers.toString(), folder.toString());
        JsonNode told = Json.parse(Files.readAllBytes(answers));
        assertThat(told.at("/versions/version").asText()).isEqualTo(version);
        List<String> different = new ArrayList<>();
        for (int i = 0; i < cells.size(); i++) {
            MlflowCell cell = cells.get(i);
            String now = told(cell, told.get("answers").get(i));
            if (!now.equals(cell.expected())) {
                different.add(cell.name() + ": " + cell.expected() + " -> " + now);
            }
        }
        return different;
    }

    private static String told(MlflowCell cell, JsonNode answer) {
        if (answer.get("status").asInt() != 200) {
            return answer.get("status").asText() + " " + answer.get("code").asText();
        }
        JsonNode column = answer.at("/columns/" + cell.type());
        if (column.isMissingNode()) {
            return "none";
        }
        List<String> values = new ArrayList<>();
        column.forEach(value -> {
            String text = MlflowCell.escaped(value.get(1).asText());
            values.add(value.get(0).asText() + (text.isEmpty() ? "" : ":" + text));
        });
        return values.isEmpty() ? "empty" : String.join(" ", values);
    }

    @Test
    void aRealServerSaysWhatIsRecorded() throws Exception {
        List<MlflowCell> cells = MlflowCell.all().stream()
                .filter(cell -> cell.form().equals("csv")
                        ? SHORT_CSV.contains(cell.values())
                        : (cell.form().equals("split") || cell.form().equals("inputs"))
                                && SHORT.contains(cell.values()))
                .toList();
        assertThat(cells).hasSize(8 * (2 * SHORT.size() + SHORT_CSV.size()));
        assertThat(differences(PythonScript.SCORING, "3.11.1", cells)).isEmpty();
    }

    @Test
    @Tag("long")
    void aRealServerSaysAllThatIsRecorded() throws Exception {
        assertThat(differences(PythonScript.SCORING, "3.11.1", MlflowCell.all()))
                .isEmpty();
    }

    /** The documentation lists them, each form of arrays and of frames once. */
    @Test
    @Tag("long")
    void theNewestServerDiffersWhereTheDocsSay() throws Exception {
        Set<String> found = new TreeSet<>();
        for (String difference : differences(PythonScript.SERVER, "3.17.2", MlflowCell.all())) {
            found.add(difference.replace(" records ", " frame ").replace(" split ", " frame "));
        }
        Path docs = Path.of(System.getProperty("perennial.root"), "docs", "serving-mlflow.md");
        Set<String> listed = new TreeSet<>();
        String section = Files.readString(docs).split("<!-- cells of 3.17.2 -->", -1)[1];
        Pattern.compile("(?m)^    (.*)$").matcher(section).results().forEach(line -> listed.add(line.group(1)));
        assertThat(String.join("\n", found)).isEqualTo(String.join("\n", listed));
    }

    /** The recorded file has no cell that this class would not ask. */
    @Test
    void everyFormIsRecorded() {
        assertThat(MlflowCell.all().stream().map(MlflowCell::form).distinct())
                .containsExactlyInAnyOrderElementsOf(Stream.of(
                                "split",
                                "records",
                                "gaps",
                                "inputs",
                                "instances",
                                "inputrows",
                                "inputgaps",
                                "scalar",
                                "csv")
                        .toList());
    }
}
