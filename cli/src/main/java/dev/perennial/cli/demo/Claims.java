package dev.perennial.cli.demo;

import dev.perennial.cli.Terminal;
import java.util.ArrayList;
import java.util.List;

/** Collects what was checked, tells it at once, and counts at the end. Not thread-safe. */
final class Claims {
    private final Terminal terminal;
    private final List<Claim> claims = new ArrayList<>();

    Claims(Terminal terminal) {
        this.terminal = terminal;
    }

    void check(String text, boolean held, String expected, String actual) {
        claims.add(new Claim(text, held, expected, actual));
        terminal.line("   " + (held ? "checked: " : "NOT HELD: ") + text
                + (held ? "" : " (expected " + expected + ", got " + actual + ")"));
    }

    boolean allHeld() {
        return claims.stream().allMatch(Claim::held);
    }

    /** One line for each claim that did not hold, and the count. */
    void summary() {
        long held = claims.stream().filter(Claim::held).count();
        terminal.line("");
        terminal.line(held + " of " + claims.size() + " claims of the story were checked and held.");
        claims.stream()
                .filter(claim -> !claim.held())
                .forEach(claim -> terminal.line("  not held: " + claim.text() + "\n    expected " + claim.expected()
                        + "\n    actual   " + claim.actual()));
    }
}
