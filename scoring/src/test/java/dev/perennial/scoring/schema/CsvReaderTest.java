package dev.perennial.scoring.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvReaderTest {
    private static final MlflowSignature SIGNATURE = new MlflowSignature(
            List.of(ColumnSpec.of("x", ScalarType.DOUBLE, true), ColumnSpec.of("s", ScalarType.STRING, true)),
            List.of(),
            List.of());

    private static Enforced read(Caster caster, String csv) {
        return Enforced.csv(SIGNATURE, caster, csv.getBytes(StandardCharsets.UTF_8), 3);
    }

    private static RawFrame raw(String csv, boolean strict) {
        return CsvReader.read(csv.getBytes(StandardCharsets.UTF_8), strict, 100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x,s\n1,a\n2,b\n", "x,s\r\n1,a\r\n2,b", "\n\nx,s\r1,a\n\n\n2,b\n\n", "\ufeffs,x\na,1\nb,2"})
    void linesEndAsTheyWillAndEmptyOnesCountNothing(String csv) {
        Enforced read = read(Caster.STRICT, csv);
        assertThat(read.columns()).containsExactly(List.of(1.0, 2.0), List.of("a", "b"));
    }

    @Test
    void quotesHoldCommasLinesAndQuotes() {
        Enforced read = read(Caster.STRICT, "s,x\n\"a,\"\"b\"\"\nc\",1\n");
        assertThat(read.columns().get(1)).containsExactly("a,\"b\"\nc");
        assertThat(read.raw().rows()).isEqualTo(1);
    }

    @Test
    void strictlyOnlyAnEmptyFieldIsMissing() {
        Enforced read = read(Caster.STRICT, "s,x\n,\nNA,nan\n\"\",1\n");
        assertThat(read.columns().get(1)).containsExactly(null, "NA", "");
        assertThat(read.columns().get(0)).containsExactly(Double.NaN, Double.NaN, 1.0);
    }

    @Test
    void asPandasReadsWordsForNothingAreMissing() {
        Enforced read = read(Caster.MLFLOW, "s,x\nNA,1\n\"null\",\n,NULL\n");
        assertThat(read.columns().get(1)).containsExactly(Double.NaN, Double.NaN, Double.NaN);
        assertThat(read.columns().get(0)).containsExactly(1.0, Double.NaN, Double.NaN);
    }

    @Test
    void moreFieldsThanNamesAreRefusedThoughPandasTakesThemForLabels() {
        assertThatThrownBy(() -> read(Caster.STRICT, "x,s\n7,1,a\n"))
                .hasMessage("row 0: it has 3 fields, the header has 2 (line 2)");
        assertThat(read(Caster.MLFLOW, "x,s\n7,1,a\n").columns()).containsExactly(List.of(1.0), List.of("a"));
    }

    @Test
    void fewerFieldsThanNamesAreRefusedThoughPandasFillsThem() {
        assertThatThrownBy(() -> read(Caster.STRICT, "x,s\n1\n")).hasMessageContaining("it has 1 fields");
        assertThat(read(Caster.MLFLOW, "x,s\n1\n").columns().get(1)).containsExactly(Double.NaN);
    }

    @Test
    void aNameTwiceIsRefusedThoughPandasNumbersIt() {
        assertThatThrownBy(() -> raw("x,x\n1,2\n", true)).hasMessageContaining("'x' stands twice in the header");
        assertThat(raw("x,x,x.1\n1,2,3\n", false).columns()).containsOnlyKeys("x", "x.1", "x.1.1");
    }

    @Test
    void columnsWithoutNamesAreCalledByPosition() {
        assertThat(raw(",x,\n0,1,2\n", true).columns()).containsOnlyKeys("Unnamed: 0", "x", "Unnamed: 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n\r\n"})
    void noHeaderIsRefused(String csv) {
        assertThatThrownBy(() -> raw(csv, true)).hasMessage("body: there is no header line");
    }

    @Test
    void aQuoteThatIsNotClosedIsRefusedWithItsLine() {
        assertThatThrownBy(() -> raw("x\n1\n\"2\n3\n", true))
                .hasMessage("body: the quote that opens on line 3 is not closed");
    }

    @Test
    void headerAloneIsNoRow() {
        assertThat(read(Caster.STRICT, "x,s\n").columns()).containsExactly(List.of(), List.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1,5", "0x10", "1_0", "--1", "1e", ".", "1e99999", "\u0663"})
    void whatIsNoNumberIsRefusedStrictly(String field) {
        assertThatThrownBy(() -> read(Caster.STRICT, "x,s\n\"" + field + "\",a\n"))
                .hasMessageStartingWith("Failed to enforce schema: x: expected double, got");
    }
}
