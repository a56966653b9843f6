package dev.perennial.ledgerverifier;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * Reads the one form of zip archive that an export has: no compression, sorted names, zero times. The archive is built again from what
 * was read and must be the same byte for byte, so no field of it can be changed unseen.
 */
final class StoredZip {
    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL_BYTES = 46;
    private static final int END_BYTES = 22;
    private static final int SIZE_AT = 22;
    private static final int NAME_LENGTH_AT = 26;
    private static final short VERSION = 10;
    private static final short FIRST_OF_JANUARY_1980 = 0x21;
    private static final int NAME_BYTES_MAX = 100;

    private StoredZip() {}

    static SortedMap<String, byte[]> read(byte[] zip) {
        SortedMap<String, byte[]> files = new TreeMap<>();
        ByteBuffer in = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (at + LOCAL_BYTES <= zip.length && in.getInt(at) == LOCAL) {
            int size = in.getInt(at + SIZE_AT);
            int nameBytes = in.getShort(at + NAME_LENGTH_AT);
            int start = at + LOCAL_BYTES + nameBytes;
            if (nameBytes < 1 || nameBytes > NAME_BYTES_MAX || size < 0 || size > zip.length - start) {
                throw new Unusable("the archive is damaged at byte " + at);
            }
            String name = new String(zip, at + LOCAL_BYTES, nameBytes, StandardCharsets.ISO_8859_1);
            files.put(name, Arrays.copyOfRange(zip, start, start + size));
            at = start + size;
        }
        if (!Arrays.equals(build(files), zip)) {
            throw new Unusable(
                    "the archive is not byte for byte as an export is written; if it was packed again, unpack it and verify the folder");
        }
        return files;
    }

    private static byte[] build(Map<String, byte[]> files) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream directory = new ByteArrayOutputStream();
        files.forEach((nameText, content) -> {
            byte[] name = nameText.getBytes(StandardCharsets.ISO_8859_1);
            ByteBuffer local = header(LOCAL_BYTES).putInt(LOCAL);
            fields(local, name, content);
            ByteBuffer central = header(CENTRAL_BYTES).putInt(CENTRAL).putShort(VERSION);
            fields(central, name, content);
            central.putInt(CENTRAL_BYTES - Integer.BYTES, out.size());
            out.writeBytes(local.array());
            out.writeBytes(name);
            out.writeBytes(content);
            directory.writeBytes(central.array());
            directory.writeBytes(name);
        });
        ByteBuffer end = header(END_BYTES)
                .putInt(END)
                .putInt(0)
                .putShort((short) files.size())
                .putShort((short) files.size());
        end.putInt(directory.size()).putInt(out.size()).putShort((short) 0);
        out.writeBytes(directory.toByteArray());
        out.writeBytes(end.array());
        return out.toByteArray();
    }

    private static void fields(ByteBuffer header, byte[] name, byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        header.putShort(VERSION)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort(FIRST_OF_JANUARY_1980);
        header.putInt((int) crc.getValue()).putInt(content.length).putInt(content.length);
        header.putShort((short) name.length).putShort((short) 0);
    }

    private static ByteBuffer header(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
