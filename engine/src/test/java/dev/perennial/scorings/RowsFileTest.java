package dev.perennial.scorings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowsFileTest {
    @ParameterizedTest
    @CsvSource({
        "a.csv,csv,a",
        "A.CSV,csv,A",
        "a.b.csv.gz,csv.gz,a.b",
        "a.tsv,tsv,a",
        "a.tab,tsv,a",
        "a.jsonl,jsonl,a",
        "a.ndjson.gz,jsonl.gz,a",
        "a.parquet,parquet,a"
    })
    void aNameTellsTheForm(String name, String form, String stem) {
        assertThat(RowsFile.ofName(name)).hasToString(form);
        assertThat(RowsFile.stem(name)).isEqualTo(stem);
        assertThat(RowsFile.parse("format", form)).isEqualTo(RowsFile.ofName(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a.txt", "csv", "a.json", "a.gz", "a.xlsx"})
    void anotherNameTellsNone(String name) {
        assertThatThrownBy(() -> RowsFile.ofName(name))
                .isInstanceOf(PerennialException.class)
                .hasMessageStartingWith("the name '" + name + "' does not tell what the file is; it must end in .csv,");
    }

    @Test
    void packedParquetIsRefused() {
        assertThatThrownBy(() -> RowsFile.ofName("a.parquet.gz"))
                .hasMessage("Parquet packs by itself; there is no parquet.gz");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "json", "parquet.gz", "excel"})
    void anotherFormIsRefusedByName(String form) {
        assertThatThrownBy(() -> RowsFile.parse("resultFormat", form))
                .hasMessage("format '" + form
                        + "' is not known; there are csv, csv.gz, tsv, tsv.gz, jsonl, jsonl.gz, parquet");
    }

    @Test
    void objectsBecomeNoTable() {
        RowsFile json = RowsFile.ofName("a.jsonl");
        assertThat(json.becomes(RowsFile.ofName("a.jsonl.gz"))).isTrue();
        assertThat(json.becomes(RowsFile.ofName("a.parquet"))).isFalse();
        assertThat(RowsFile.ofName("a.csv").becomes(json)).isTrue();
    }
}
