package dev.perennial.tracking.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The language of filters and orders by itself: what is read, and where it breaks. */
class FilterParserTest {
    private static Clause one(String filter) {
        List<Clause> clauses = FilterParser.parse(filter);
        assertThat(clauses).hasSize(1);
        return clauses.getFirst();
    }

    @ParameterizedTest
    @CsvSource({
        "=, EQUAL",
        "!=, NOT_EQUAL",
        ">, GREATER",
        ">=, GREATER_OR_EQUAL",
        "<, LESS",
        "<=, LESS_OR_EQUAL",
    })
    void everySignOfComparisonIsReadWithAndWithoutSpace(String sign, Operator operator) {
        Clause expected = new Clause.WithNumber(new Clause.Key("metrics", "a"), operator, 1L);
        assertThat(one("metrics.a " + sign + " 1")).isEqualTo(expected);
        assertThat(one("metrics.a" + sign + "1")).isEqualTo(expected);
        assertThat(one("  metrics.a\t" + sign + "\n1  ")).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"LIKE, LIKE", "like, LIKE", "Ilike, ILIKE", "ILIKE, ILIKE"})
    void wordsOfComparisonAreReadInAnyCase(String word, Operator operator) {
        assertThat(one("params.a " + word + " '%x_'"))
                .isEqualTo(new Clause.WithText(new Clause.Key("params", "a"), operator, "%x_"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "params.a = 'x' | x",
                "params.a = \"x\" | x",
                "params.a = '' | ^^",
                "params.a = 'it is \"x\"' | it is \"x\"",
                "params.a = \"it's\" | it's",
                "params.a = 'a AND b = 1' | a AND b = 1",
                "params.a = '`' | `",
            })
    void quotesOfOneKindHoldTheOther(String filter, String value) {
        assertThat(one(filter)).isEqualTo(new Clause.WithText(new Clause.Key("params", "a"), Operator.EQUAL, value));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "params.a.b.c | params | a.b.c",
                "params.`a b/c-d` | params | a b/c-d",
                "params.\"a b\" | params | a b",
                "tags.mlflow.source.name | tags | mlflow.source.name",
                "params.`a'b` | params | a'b",
                "params.größe | params | größe",
            })
    void aKeyIsSplitAtItsFirstDot(String key, String entity, String name) {
        assertThat(one(key + " = 'x'").key()).isEqualTo(new Clause.Key(entity, name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "`status`", "\"status\""})
    void aKeyWithoutAnEntityIsAnAttribute(String key) {
        assertThat(one(key + " = 'x'").key()).isEqualTo(new Clause.Key(null, "status"));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "-1, -1", "+7, 7", "9223372036854775807, 9223372036854775807"})
    void wholeNumbersAreWhole(String text, long number) {
        assertThat(one("metrics.a = " + text))
                .isEqualTo(new Clause.WithNumber(new Clause.Key("metrics", "a"), Operator.EQUAL, number));
    }

    @ParameterizedTest
    @CsvSource({
        "1.5, 1.5",
        ".5, 0.5",
        "5., 5",
        "-1e3, -1000",
        "1E-2, 0.01",
        "1e999, Infinity",
        "9223372036854775808, 9.223372036854775808E18"
    })
    void otherNumbersAreReal(String text, double number) {
        assertThat(one("metrics.a = " + text))
                .isEqualTo(new Clause.WithNumber(new Clause.Key("metrics", "a"), Operator.EQUAL, number));
    }

    @Test
    void listsAndAbsenceAreRead() {
        Clause.Key key = new Clause.Key(null, "run_id");
        assertThat(one("run_id IN ('a')")).isEqualTo(new Clause.OneOf(key, false, List.of("a")));
        assertThat(one("run_id not in('a',\"b\" , 'c')"))
                .isEqualTo(new Clause.OneOf(key, true, List.of("a", "b", "c")));
        assertThat(one("tags.x IS NULL")).isEqualTo(new Clause.Missing(new Clause.Key("tags", "x"), false));
        assertThat(one("tags.x is Not null")).isEqualTo(new Clause.Missing(new Clause.Key("tags", "x"), true));
    }

    @Test
    void clausesAreJoinedByAndInAnyCase() {
        assertThat(FilterParser.parse("a = 'x' AND b = 'AND' and c = 1 And d is null"))
                .extracting(clause -> clause.key().name())
                .containsExactly("a", "b", "c", "d");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n\t"})
    void aBlankFilterHasNoClauses(String filter) {
        assertThat(FilterParser.parse(filter)).isEmpty();
        assertThat(FilterParser.parse(null)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "= 1 | 1 | expected a key",
                "metrics.a | 10 | expected one of = != > >= < <= LIKE ILIKE IN IS",
                "metrics.a ~ 1 | 11 | expected one of",
                "metrics.a == 1 | 12 | expected a quoted text or a number",
                "metrics.a = x | 13 | expected a quoted text or a number",
                "metrics.a = 1x | 13 | expected a quoted text or a number",
                "metrics.a = 1 AND | 18 | expected a key",
                "metrics.a = 1 OR b = 2 | 15 | OR, parentheses and several statements are not supported",
                "(a = 1) | 1 | expected a key",
                "a = 1; | 6 | expected AND or the end",
                "a = 'x | 5 | the quote ' is not closed",
                "a = \"x' | 5 | the quote \" is not closed",
                "a IN 'x' | 6 | expected IN ('a', 'b')",
                "a IN () | 7 | expected a text in quotes",
                "a IN ('x' | 10 | expected ',' or ')' in the list",
                "a IN ('x', 2) | 12 | expected a text in quotes",
                "a NOT LIKE 'x' | 7 | expected IN ('a', 'b')",
                "a LIKE x | 8 | expected a text in quotes",
                "a IS 'x' | 6 | expected NULL or NOT NULL behind IS",
                "params. = 'x' | 8 | expected a name behind 'params.'",
                ".a = 'x' | 3 | expected a name",
                "a-b = 1 | 2 | expected one of",
            })
    void aBreakIsToldWithItsPlace(String filter, int character, String why) {
        assertThatThrownBy(() -> FilterParser.parse(filter))
                .isInstanceOf(PerennialException.class)
                .hasMessageStartingWith("Invalid filter '" + filter + "' at character " + character + ": ")
                .hasMessageContaining(why);
    }

    @Test
    void aFilterHasALargestNumberOfClausesAndListValues() {
        String hundred = String.join(" AND ", Collections.nCopies(100, "a = 1"));
        assertThat(FilterParser.parse(hundred)).hasSize(100);
        assertThatThrownBy(() -> FilterParser.parse(hundred + " AND a = 1"))
                .hasMessageContaining("at most 100 clauses");
        String thousand = String.join(", ", Collections.nCopies(1000, "'x'"));
        assertThat(FilterParser.parse("a IN (" + thousand + ")")).hasSize(1);
        assertThatThrownBy(() -> FilterParser.parse("a IN (" + thousand + ", 'x')"))
                .hasMessageContaining("at most 1000 values");
    }

    @ParameterizedTest
    @CsvSource({"metrics.a, true", "metrics.a ASC, true", "metrics.a desc, false", "metrics.a   DESC , false"})
    void anOrderAscendsUnlessItSaysOtherwise(String text, boolean ascending) {
        assertThat(OrderItem.parse(List.of(text)))
                .containsExactly(new OrderItem(new Clause.Key("metrics", "a"), ascending));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "metrics.a UP", "metrics.a DESC DESC", "metrics.a, metrics.b", "-1", "metrics."})
    void aBrokenOrderIsRefused(String text) {
        assertThatThrownBy(() -> OrderItem.parse(List.of(text)))
                .isInstanceOf(PerennialException.class)
                .hasMessageStartingWith("Invalid order_by '" + text + "' at character ");
    }
}
