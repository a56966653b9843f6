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

/** The package {@code perennial-probe} 1.0, which pip installs without fetching anything. */
public final class Wheel {
    private Wheel() {}

    /**
     * Puts it into a folder for pip to find.
     *
     * @param files what stands among the packages when it is installed, by name
     */
    public static void into(Path folder, Map<String, String> files) throws IOException {
        Map<String, String> all = new TreeMap<>(files);
        all.put(
                "perennial_probe-1.0.dist-info/METADATA",
                "Metadata-Version: 2.1\nName: perennial-probe\nVersion: 1.0\n");
        all.put(
                "perennial_probe-1.0.dist-info/WHEEL",
                "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
        all.put("perennial_probe-1.0.dist-info/RECORD", "");
        try (ZipOutputStream zip =
                new ZipOutputStream(Files.newOutputStream(folder.resolve("perennial_probe-1.0-py3-none-any.whl")))) {
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
