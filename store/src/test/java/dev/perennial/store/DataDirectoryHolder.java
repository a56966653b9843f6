package dev.perennial.store;

import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.file.Path;

/** A process that takes a data directory: prints what came of it, and keeps it until its input ends. */
public final class DataDirectoryHolder {
    private DataDirectoryHolder() {}

    public static void main(String[] arguments) throws IOException {
        try (DataDirectory directory = DataDirectory.open(Path.of(arguments[0]))) {
            System.out.println("held");
            if (arguments[1].equals("hold")) {
                System.in.read();
            }
            directory.root();
        } catch (PerennialException e) {
            System.out.println(e.getMessage());
        }
    }
}
