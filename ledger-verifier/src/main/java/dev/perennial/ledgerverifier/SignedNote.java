package dev.perennial.ledgerverifier;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A checkpoint: ledger, size and root, signed. */
record SignedNote(String origin, long size, byte[] root, String text) {
    private static final int LINES = 5;
    private static final int HASH_BYTES = 32;
    private static final int KEY_ID_BYTES = 4;

    /** Splits a file of notes, an empty line between two. */
    static List<String> split(String text) {
        List<String> notes = new ArrayList<>();
        if (text.isEmpty()) {
            return notes;
        }
        String[] lines = text.split("\n", -1);
        for (int from = 0; from < lines.length; from += LINES + 1) {
            int to = from + LINES;
            if (to >= lines.length || !lines[to].isEmpty()) {
                throw new Unusable("the checkpoint after line " + from + " does not have " + LINES + " lines");
            }
            notes.add(String.join("\n", Arrays.asList(lines).subList(from, to)) + "\n");
            if (to + 1 == lines.length) {
                return notes;
            }
        }
        throw new Unusable("the checkpoints end too early");
    }

    /** Reads a note and checks its signature. */
    static SignedNote open(String note, PublicKeyLine key) {
        String[] lines = note.split("\n", -1);
        if (lines.length != LINES + 1 || !lines[LINES].isEmpty() || !lines[3].isEmpty()) {
            throw new Unusable("a checkpoint must have " + LINES + " lines");
        }
        if (!lines[1].matches("0|[1-9][0-9]{0,8}")) {
            throw new Unusable("the checkpoint's size '" + lines[1] + "' is not a number");
        }
        byte[] root = Hashes.fromBase64(lines[2]);
        String start = "\u2014 " + key.name() + " ";
        if (!lines[4].startsWith(start) || root.length != HASH_BYTES) {
            throw new Unusable("the checkpoint of size " + lines[1] + " has no signature of key '" + key.name() + "'");
        }
        byte[] signature = Hashes.fromBase64(lines[4].substring(start.length()));
        String text = String.join("\n", lines[0], lines[1], lines[2]) + "\n";
        boolean ours =
                signature.length > KEY_ID_BYTES && Arrays.equals(signature, 0, KEY_ID_BYTES, key.id(), 0, KEY_ID_BYTES);
        try {
            if (!ours
                    || !key.verify(
                            text.getBytes(StandardCharsets.UTF_8),
                            Arrays.copyOfRange(signature, KEY_ID_BYTES, signature.length))) {
                throw new Unusable("the signature of the checkpoint of size " + lines[1] + " is wrong for key "
                        + Hashes.hex(key.id()));
            }
        } catch (GeneralSecurityException e) {
            throw new Unusable("the signature of the checkpoint of size " + lines[1] + " cannot be read", e);
        }
        return new SignedNote(lines[0], Long.parseLong(lines[1]), root, note);
    }
}
