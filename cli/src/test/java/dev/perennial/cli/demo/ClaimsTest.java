package dev.perennial.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.cli.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A story may only say that it held when all of it did. */
class ClaimsTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Claims claims = new Claims(new Terminal(print(out), print(err), false));

    @Test
    void whatHoldsIsToldAtOnce() {
        claims.check("the sky is blue", true, "blue", "blue");
        assertThat(text()).isEqualTo("   checked: the sky is blue\n");
    }

    @Test
    void whatDoesNotHoldIsToldWithExpectedAndActual() {
        claims.check("the sky is blue", false, "blue", "green");
        assertThat(text()).contains("NOT HELD: the sky is blue (expected blue, got green)");
    }

    @Test
    void oneClaimThatDoesNotHoldSpoilsAll() {
        claims.check("first", true, "1", "1");
        claims.check("second", false, "2", "3");
        claims.check("third", true, "3", "3");
        assertThat(claims.allHeld()).isFalse();
    }

    @Test
    void allHeldWhenEachHeld() {
        claims.check("first", true, "1", "1");
        claims.check("second", true, "2", "2");
        assertThat(claims.allHeld()).isTrue();
    }

    @Test
    void theSummaryCountsAndNamesWhatDidNotHold() {
        claims.check("first", true, "1", "1");
        claims.check("second", false, "2", "3");
        out.reset();
        claims.summary();
        assertThat(text())
                .contains("1 of 2 claims of the story were checked and held.")
                .contains("not held: second\n    expected 2\n    actual   3")
                .doesNotContain("not held: first");
    }

    @Test
    void whatAServerAnsweredCannotDriveTheTerminal() {
        claims.check("an answer", false, "text", "\u001b[2Jgone");
        assertThat(text()).contains("got ?[2Jgone").doesNotContain("\u001b");
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private static PrintStream print(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }
}
