package dev.perennial.ledgerverifier;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The verifier as a program of its own. Exit status 0 good, 1 broken or unusable, 2 incomplete. */
public final class Main {
    private static final String USAGE =
            "usage: ledger-verifier EXPORT|DATA-DIRECTORY [--key FILE] [--checkpoint FILE]... [--json]";

    private Main() {}

    public static void main(String[] arguments) {
        PrintStream out =
                new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.exit(run(List.of(arguments), out));
    }

    static int run(List<String> arguments, PrintStream out) {
        Optional<Path> target = Optional.empty();
        Optional<Path> key = Optional.empty();
        List<Path> trusted = new ArrayList<>();
        boolean json = false;
        List<String> left = new ArrayList<>(arguments);
        while (!left.isEmpty()) {
            String argument = left.removeFirst();
            boolean takesFile = argument.equals("--key") || argument.equals("--checkpoint");
            if (takesFile && left.isEmpty() || target.isPresent() && !argument.startsWith("--")) {
                return misused(out, argument);
            }
            switch (argument) {
                case "--json" -> json = true;
                case "--key" -> key = Optional.of(Path.of(left.removeFirst()));
                case "--checkpoint" -> trusted.add(Path.of(left.removeFirst()));
                default -> {
                    if (argument.startsWith("--")) {
                        return misused(out, argument);
                    }
                    target = Optional.of(Path.of(argument));
                }
            }
        }
        if (target.isEmpty()) {
            return misused(out, "nothing");
        }
        Report report = LedgerVerifier.verify(target.get(), key, trusted);
        out.print(json ? report.json() + "\n" : report.text());
        return report.status().exitStatus();
    }

    private static int misused(PrintStream out, String argument) {
        out.println("cannot use '" + argument + "'");
        out.println(USAGE);
        return Report.Status.BROKEN.exitStatus();
    }
}
