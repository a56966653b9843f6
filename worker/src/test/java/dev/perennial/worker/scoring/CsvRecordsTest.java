package dev.perennial.worker.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.worker.StepFailure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CsvRecordsTest {
    private static final int RECORDS = 20_000;

    private static List<List<String>> parsed(String text, boolean keepBlank) throws IOException {
        List<List<String>> all = new ArrayList<>();
        try (CsvRecords records =
                new CsvRecords(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), ',')) {
            while (records.next(keepBlank)) {
                List<String> fields = new ArrayList<>();
                for (int i = 0; i < records.fields(); i++) {
                    fields.add(records.text(i));
                }
                all.add(fields);
            }
        }
        return all;
    }

    @Test
    void aSeparatorAtTheEndBeginsAnEmptyField() throws IOException {
        assertThat(parsed("a,\n,b", false)).containsExactly(List.of("a", ""), List.of("", "b"));
    }

    @Test
    void aQuoteWithinAFieldIsText() throws IOException {
        assertThat(parsed("5\" disk,a\"b\"", false)).containsExactly(List.of("5\" disk", "a\"b\""));
    }

    @Test
    void aBlankLineIsARecordOfATableOfOneColumn() throws IOException {
        assertThat(parsed("a\n\nb\n", true)).containsExactly(List.of("a"), List.of(""), List.of("b"));
    }

    @Test
    void aCarriageReturnWithinALineIsText() throws IOException {
        assertThat(parsed("a\rb,c\r\nd,e", false)).containsExactly(List.of("a\rb", "c"), List.of("d", "e"));
    }

    @Test
    void aMarkAloneIsAnEmptyFile() throws IOException {
        assertThat(parsed("\uFEFF", false)).isEmpty();
    }

    @Test
    void whatSomebodyWroteIsReadWhateverItIs() throws IOException {
        Random random = new Random(7);
        List<List<String>> written = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < RECORDS; i++) {
            List<String> fields = new ArrayList<>();
            for (int field = 0; field < 2 + random.nextInt(4); field++) {
                fields.add(word(random));
            }
            written.add(fields);
            text.append(String.join(
                            ",", fields.stream().map(f -> quoted(f, random)).toList()))
                    .append(random.nextBoolean() ? "\n" : "\r\n");
        }
        assertThat(parsed(text.toString(), false)).isEqualTo(written);
    }

    private static String word(Random random) {
        String[] letters = {"a", "é", "📏", "\"", ",", "\n", " ", "\t", "0"};
        StringBuilder word = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            word.append(letters[random.nextInt(letters.length)]);
        }
        return word.toString();
    }

    private static String quoted(String field, Random random) {
        boolean must = field.contains("\"") || field.contains(",") || field.contains("\n");
        return must || random.nextBoolean() ? '"' + field.replace("\"", "\"\"") + '"' : field;
    }

    @Test
    void aQuoteThatTakesTheRestOfAHugeFileEndsTheJob() throws IOException {
        InputStream endless = new InputStream() {
            private boolean begun;

            @Override
            public int read() {
                int b = begun ? 'x' : '"';
                begun = true;
                return b;
            }
        };
        CsvRecords records = new CsvRecords(endless, ',');
        assertThatThrownBy(() -> records.next(false))
                .isInstanceOf(StepFailure.class)
                .hasMessage("the record after row 0 has more than 16777216 bytes; is a quote not closed there?");
    }
}
