package dev.perennial.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One line of the table of all benchmarks.
 *
 * @param name what was measured
 * @param measured the figure with its unit
 * @param limit what the machine could do, measured in the same run
 * @param ratio of the two
 * @param goal what the product promises
 */
record Figure(String name, String measured, String limit, String ratio, String goal, boolean reached) {
    /** System property: a file that gathers the figures of several programs. */
    static final String GATHERED = "perennial.bench.figures";

    private static final String SEPARATOR = "\t";

    /** A figure beside its limit, both in the same unit. */
    static Figure of(
            String name, String unit, double measured, String limitName, double limit, String goal, boolean reached) {
        return new Figure(
                name,
                number(measured) + " " + unit,
                limitName + ": " + number(limit) + " " + unit,
                number(measured / limit),
                goal,
                reached);
    }

    static String number(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }

    /** Leaves the figure where the table of all is made, when one is made. */
    void tell() {
        Optional.ofNullable(System.getProperty(GATHERED)).map(Path::of).ifPresent(file -> {
            try {
                Files.writeString(
                        file,
                        String.join(SEPARATOR, name, measured, limit, ratio, goal, Boolean.toString(reached)) + "\n",
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write " + file, e);
            }
        });
    }

    static List<Figure> read(Path file) throws IOException {
        return Files.exists(file)
                ? Files.readAllLines(file).stream().map(Figure::parse).toList()
                : List.of();
    }

    private static Figure parse(String line) {
        String[] cells = line.split(SEPARATOR, -1);
        return new Figure(cells[0], cells[1], cells[2], cells[3], cells[4], Boolean.parseBoolean(cells[5]));
    }
}
