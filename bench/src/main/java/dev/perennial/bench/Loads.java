package dev.perennial.bench;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The cheapest round of load of each side, in the order in which the sides were first loaded. Not thread-safe. */
final class Loads {
    private final Map<String, MeasuredServer.Load> best = new LinkedHashMap<>();

    void add(String side, MeasuredServer.Load load) {
        best.merge(side, load, MeasuredServer.Load::cheaper);
    }

    MeasuredServer.Load of(String side) {
        return Objects.requireNonNull(best.get(side), side);
    }

    void print(String title) {
        Table table = new Table(title, "CPU us a request", "requests a second", "p50", "p99", "compiling");
        best.forEach((name, load) -> table.row(
                name,
                String.format(Locale.ROOT, "%.1f", load.microsARequest()),
                String.format(Locale.ROOT, "%.0f", load.requestsASecond()),
                load.p50(),
                load.p99(),
                Math.round(100 * load.compiling()) + " %"));
        table.print();
    }
}
