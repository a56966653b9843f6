package dev.perennial.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Packages that pip installs from a folder, without fetching anything. */
public final class Wheel {
    private Wheel() {}

    /** The package {@code perennial-probe} 1.0. */
    public static void into(Path folder, Map<String, String> files) throws IOException {
        into(folder, "perennial_probe", "1.0", files);
    }

    /**
     * Puts a package into a folder for pip to find.
     *
     * @param name with low lines for hyphens
     * @param files what stands among the packages when it is installed, by name
     */
    public static void into(Path folder, String name, String version, Map<String, String> files) throws IOException {
        String about = name + "-" + version + ".dist-info/";
        Map<String, String> all = new TreeMap<>(files);
        all.put(about + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n");
        all.put(about + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
        all.put(about + "RECORD", "");
        Path wheel = folder.resolve(name + "-" + version + "-py3-none-any.whl");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(wheel))) {
            for (Map.Entry<String, String> file : all.entrySet()) {
                byte[] bytes = file.getValue().getBytes(StandardCharsets.UTF_8);
                CRC32 sum = new CRC32();
                sum.update(bytes);
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(bytes);
                zip.closeEntry();
            }
        }
    }
}
