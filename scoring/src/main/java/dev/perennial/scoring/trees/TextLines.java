package dev.perennial.scoring.trees;

import java.nio.charset.StandardCharsets;

/** The lines of a text file, each a word, an equals sign and a value, read in place. Not thread-safe. */
final class TextLines {
    private static final int SHOWN = 40;

    private final byte[] file;
    private final Refusal refusal;
    private int next;
    private int start;
    private int end;
    private int value;

    TextLines(byte[] file, Refusal refusal) {
        this.file = file;
        this.refusal = refusal;
    }

    /** Goes to the next line; false at the end of the file. */
    boolean next() {
        if (next >= file.length) {
            return false;
        }
        start = next;
        end = start;
        value = -1;
        while (end < file.length && file[end] != '\n') {
            if (file[end] == '=' && value < 0) {
                value = end + 1;
            }
            end++;
        }
        next = end + 1;
        if (end > start && file[end - 1] == '\r') {
            end--;
        }
        return true;
    }

    /** What stands before the equals sign, or the whole line when it has none. */
    String word() {
        return text(start, value < 0 ? end : value - 1);
    }

    /** What stands behind the equals sign; nothing when there is none. */
    String value() {
        return value < 0 ? "" : text(value, end);
    }

    boolean empty() {
        return start == end;
    }

    /** The whole line, when it begins with that; else empty. */
    String behind(String prefix) {
        int length = prefix.length();
        return end - start >= length && text(start, start + length).equals(prefix) ? text(start + length, end) : "";
    }

    /** The value as numbers with spaces between. */
    void numbers(Numbers into) {
        into.clear();
        int at = value < 0 ? end : value;
        while (at < end) {
            int from = at;
            while (at < end && file[at] != ' ') {
                at++;
            }
            if (at > from) {
                into.add(number(from, at));
            }
            at++;
        }
    }

    private double number(int from, int to) {
        String word = text(from, to);
        try {
            return switch (word) {
                case "nan", "-nan" -> Double.NaN;
                case "inf" -> Double.POSITIVE_INFINITY;
                case "-inf" -> Double.NEGATIVE_INFINITY;
                default -> Double.parseDouble(word);
            };
        } catch (NumberFormatException e) {
            throw refusal.of("'" + word() + "' holds '" + word.substring(0, Math.min(SHOWN, word.length()))
                    + "', which is no number");
        }
    }

    private String text(int from, int to) {
        return new String(file, from, to - from, StandardCharsets.UTF_8);
    }
}
