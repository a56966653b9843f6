package dev.perennial.store.ledger;

import dev.perennial.kernel.PerennialException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.SortedMap;
import java.util.zip.CRC32;

/**
 * Writes an export as a folder or as a zip archive without compression, sorted names, zero times: one ledger, one sequence of bytes, so
 * that not even the archive's own fields can be changed unseen.
 */
final class Export {
    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL_BYTES = 46;
    private static final int END_BYTES = 22;
    private static final short VERSION = 10;
    private static final short FIRST_OF_JANUARY_1980 = 0x21;

    private final SortedMap<String, byte[]> files;

    Export(SortedMap<String, byte[]> files) {
        this.files = files;
    }

    void writeFolder(Path folder) {
        try {
            Files.createDirectories(folder);
            try (var present = Files.list(folder)) {
                if (present.findAny().isPresent()) {
                    throw PerennialException.invalid("folder", "folder " + folder + " is not empty; name a new one");
                }
            }
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Files.write(folder.resolve(file.getKey()), file.getValue(), StandardOpenOption.CREATE_NEW);
            }
        } catch (IOException e) {
            throw PerennialException.internal("cannot write the export to " + folder + ": " + e.getMessage(), e);
        }
    }

    void writeZip(OutputStream out) {
        try {
            ByteArrayOutputStream directory = new ByteArrayOutputStream();
            int offset = 0;
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                byte[] name = file.getKey().getBytes(StandardCharsets.US_ASCII);
                byte[] common = common(name, file.getValue());
                directory.writeBytes(buffer(CENTRAL_BYTES)
                        .putInt(CENTRAL)
                        .putShort(VERSION)
                        .put(common)
                        .putShort((short) 0)
                        .putShort((short) 0)
                        .putShort((short) 0)
                        .putInt(0)
                        .putInt(offset)
                        .array());
                directory.writeBytes(name);
                out.write(buffer(LOCAL_BYTES).putInt(LOCAL).put(common).array());
                out.write(name);
                out.write(file.getValue());
                offset += LOCAL_BYTES + name.length + file.getValue().length;
            }
            out.write(directory.toByteArray());
            short count = (short) files.size();
            out.write(buffer(END_BYTES)
                    .putInt(END)
                    .putInt(0)
                    .putShort(count)
                    .putShort(count)
                    .putInt(directory.size())
                    .putInt(offset)
                    .putShort((short) 0)
                    .array());
            out.flush();
        } catch (IOException e) {
            throw PerennialException.internal("cannot write the export: " + e.getMessage(), e);
        }
    }

    /** The fields that stand in the header of a file and in the directory alike. */
    private static byte[] common(byte[] name, byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        return buffer(LOCAL_BYTES - Integer.BYTES)
                .putShort(VERSION)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort(FIRST_OF_JANUARY_1980)
                .putInt((int) crc.getValue())
                .putInt(content.length)
                .putInt(content.length)
                .putShort((short) name.length)
                .putShort((short) 0)
                .array();
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
