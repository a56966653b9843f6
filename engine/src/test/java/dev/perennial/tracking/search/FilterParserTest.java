package dev.perennial.tracking.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The language of filters and orders by itself: what is read, and where it breaks. */
class FilterParserTest {
    private static final Place ANYWHERE = new Place("filter", "", 0);

    private static Clause one(String filter) {
        return (Clause) FilterParser.parse(filter);
    }

    private static Clause.Key key(@Nullable String entity, String name) {
        return new Clause.Key(entity, name, ANYWHERE);
    }

    /** Compares conditions, wherever they were written. */
    private static void assertReads(String filter, Condition expected) {
        assertThat(FilterParser.parse(filter))
                .usingRecursiveComparison()
                .withStrictTypeChecking()
                .ignoringFieldsMatchingRegexes(".*place")
                .isEqualTo(expected);
    }

    /** A clause that is easily told from others. */
    private static Clause clause(String name) {
        return new Clause.WithNumber(key(null, name), Operator.EQUAL, 1L);
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
        Clause expected = new Clause.WithNumber(key("metrics", "a"), operator, 1L);
        assertReads("metrics.a " + sign + " 1", expected);
        assertReads("metrics.a" + sign + "1", expected);
        assertReads("  metrics.a\t" + sign + "\n1  ", expected);
    }

    @ParameterizedTest
    @CsvSource({"LIKE, LIKE", "like, LIKE", "Ilike, ILIKE", "ILIKE, ILIKE"})
    void wordsOfComparisonAreReadInAnyCase(String word, Operator operator) {
        assertReads("params.a " + word + " '%x_'", new Clause.WithText(key("params", "a"), operator, "%x_"));
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
        assertReads(filter, new Clause.WithText(key("params", "a"), Operator.EQUAL, value));
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
        assertReads(key + " = 'x'", new Clause.WithText(key(entity, name), Operator.EQUAL, "x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "`status`", "\"status\""})
    void aKeyWithoutAnEntityIsAnAttribute(String key) {
        assertReads(key + " = 'x'", new Clause.WithText(key(null, "status"), Operator.EQUAL, "x"));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "-1, -1", "+7, 7", "9223372036854775807, 9223372036854775807"})
    void wholeNumbersAreWhole(String text, long number) {
        assertReads("metrics.a = " + text, new Clause.WithNumber(key("metrics", "a"), Operator.EQUAL, number));
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
        assertReads("metrics.a = " + text, new Clause.WithNumber(key("metrics", "a"), Operator.EQUAL, number));
    }

    @Test
    void listsAndAbsenceAreRead() {
        Clause.Key key = key(null, "run_id");
        assertReads("run_id IN ('a')", new Clause.OneOf(key, false, List.of("a")));
        assertReads("run_id not in('a',\"b\" , 'c')", new Clause.OneOf(key, true, List.of("a", "b", "c")));
        assertReads("tags.x IS NULL", new Clause.Missing(key("tags", "x"), false));
        assertReads("tags.x is Not null", new Clause.Missing(key("tags", "x"), true));
    }

    @Test
    void clausesAreJoinedByAndInAnyCase() {
        assertReads(
                "a = 1 AND b = 1 and c = 1 And d = 1",
                new Condition.And(List.of(clause("a"), clause("b"), clause("c"), clause("d"))));
    }

    @Test
    void clausesAreJoinedByOrInAnyCase() {
        assertReads("a = 1 OR b = 1 or c = 1", new Condition.Or(List.of(clause("a"), clause("b"), clause("c"))));
    }

    @Test
    void andBindsCloserThanOr() {
        Condition expected = new Condition.Or(
                List.of(clause("a"), new Condition.And(List.of(clause("b"), clause("c"))), clause("d")));
        assertReads("a = 1 OR b = 1 AND c = 1 OR d = 1", expected);
        assertReads("a = 1 OR (b = 1 AND c = 1) OR d = 1", expected);
    }

    @Test
    void notBindsCloserThanAnd() {
        assertReads(
                "NOT a = 1 AND not b = 1",
                new Condition.And(List.of(new Condition.Not(clause("a")), new Condition.Not(clause("b")))));
    }

    @Test
    void parenthesesJoinWhatStandsInThem() {
        assertReads(
                "( a = 1 OR b = 1 )AND NOT(c = 1 OR d = 1)",
                new Condition.And(List.of(
                        new Condition.Or(List.of(clause("a"), clause("b"))),
                        new Condition.Not(new Condition.Or(List.of(clause("c"), clause("d")))))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a = 1)", "((a = 1))", "( (( a=1)) )"})
    void parenthesesAroundOneClauseSayNothing(String filter) {
        assertReads(filter, clause("a"));
    }

    @Test
    void twoNotsAreRead() {
        assertReads("NOT NOT a = 1", new Condition.Not(new Condition.Not(clause("a"))));
    }

    @Test
    void aNameMayBeginLikeAWordOfTheLanguage() {
        assertReads(
                "notes = 1 AND orders = 1 AND not_x = 1",
                new Condition.And(List.of(clause("notes"), clause("orders"), clause("not_x"))));
    }

    @Test
    void aNameMayBeAWordOfTheLanguageWhenQuoted() {
        assertReads("`not` = 1 OR \"or\" = 1", new Condition.Or(List.of(clause("not"), clause("or"))));
    }

    @Test
    void eachKeyKnowsItsPlace() {
        Condition.And and = (Condition.And) FilterParser.parse("a = 1 AND (params.b = 'x')");
        assertThat(((Clause) and.parts().getFirst()).key().place().at()).isZero();
        assertThat(((Clause) and.parts().getLast()).key().place().at()).isEqualTo(11);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n\t"})
    void aBlankFilterHasNoClauses(String filter) {
        assertThat(FilterParser.parse(filter)).isEqualTo(new Condition.And(List.of()));
        assertThat(FilterParser.parse(null)).isEqualTo(new Condition.And(List.of()));
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
                "metrics.a = 1 OR | 17 | expected a key",
                "metrics.a = 1 XOR b = 2 | 15 | expected AND, OR or the end",
                "NOT | 4 | expected a key",
                "() | 2 | expected a key",
                "(a = 1 | 7 | expected AND, OR or ')'",
                "(a = 1 b = 2) | 8 | expected AND, OR or ')'",
                "a = 1) | 6 | expected AND, OR or the end",
                "a = 1 AND AND b = 1 | 15 | expected one of",
                "a = 1 NOT b = 1 | 7 | expected AND, OR or the end",
                "a = 1; | 6 | expected AND, OR or the end",
                "a IS NOT 'x' | 10 | expected NULL behind IS NOT",
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
                .hasMessageStartingWith("Invalid filter at character " + character + ": ")
                .hasMessageContaining(why)
                .hasMessageEndingWith(
                        "; here: " + filter.substring(0, character - 1) + "-->" + filter.substring(character - 1));
    }

    @Test
    void ofALongFilterTheMessageShowsTheSurroundings() {
        String filter = "a = 1 AND ".repeat(20) + "b ~ 1" + " AND a = 1".repeat(20);
        assertThatThrownBy(() -> FilterParser.parse(filter))
                .hasMessageStartingWith("Invalid filter at character 203: expected one of")
                .hasMessageContaining("; here: …")
                .hasMessageContaining(" AND b -->~ 1 AND ")
                .hasMessageEndingWith("…")
                .satisfies(failure -> assertThat(failure.getMessage()).hasSizeLessThan(250));
    }

    @Test
    void parenthesesAndNotHaveALargestDepth() {
        String deepest = "(".repeat(4) + "NOT ".repeat(4) + "a = 1" + ")".repeat(4);
        assertThat(FilterParser.parse(deepest)).isInstanceOf(Condition.Not.class);
        assertThatThrownBy(() -> FilterParser.parse("(" + deepest + ")"))
                .hasMessageContaining("at character 18: ")
                .hasMessageContaining("at most 8 deep");
    }

    @Test
    void manyParenthesesBesideOneAnotherAreNotDeep() {
        assertThat(((Condition.Or) FilterParser.parse("(a = 1) OR ".repeat(50) + "(a = 1)")).parts())
                .hasSize(51);
    }

    @Test
    void aFilterHasALargestNumberOfClausesAndListValues() {
        String hundred = String.join(" AND ", Collections.nCopies(100, "a = 1"));
        assertThat(((Condition.And) FilterParser.parse(hundred)).parts()).hasSize(100);
        assertThatThrownBy(() -> FilterParser.parse(hundred + " AND a = 1"))
                .hasMessageContaining("at most 100 clauses");
        String thousand = String.join(", ", Collections.nCopies(1000, "'x'"));
        assertThat(((Clause.OneOf) one("a IN (" + thousand + ")")).values()).hasSize(1000);
        assertThatThrownBy(() -> FilterParser.parse("a IN (" + thousand + ", 'x')"))
                .hasMessageContaining("at most 1000 values");
    }

    @ParameterizedTest
    @CsvSource({"metrics.a, true", "metrics.a ASC, true", "metrics.a desc, false", "metrics.a   DESC , false"})
    void anOrderAscendsUnlessItSaysOtherwise(String text, boolean ascending) {
        OrderItem item = OrderItem.parse(List.of(text)).getFirst();
        assertThat(item.ascending()).isEqualTo(ascending);
        assertThat(item.key()).hasToString("metrics.a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "metrics.a UP", "metrics.a DESC DESC", "metrics.a, metrics.b", "-1", "metrics."})
    void aBrokenOrderIsRefused(String text) {
        assertThatThrownBy(() -> OrderItem.parse(List.of(text)))
                .isInstanceOf(PerennialException.class)
                .hasMessageStartingWith("Invalid order_by at character ");
    }
}
