package dev.perennial.scoring.trees;

import dev.perennial.kernel.PerennialException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A Universal Binary JSON document. Nothing is allocated by a count that the file's remaining bytes could not fill, and objects nest at
 * most {@link Bounds#NESTING_MAX} deep.
 */
final class UbjTokens implements Tokens {
    private static final byte NONE = 0;
    private static final long UNKNOWN = -1;
    private static final int UNSIGNED = 0xff;

    private final Refusal refusal;
    private final ByteBuffer file;
    private final Deque<Container> open = new ArrayDeque<>();

    /** An object or array that was begun: the type of all its elements if it has one, and how many are left if it says so. */
    private static final class Container {
        private final boolean object;
        private final byte type;
        private long left;
        private final Set<String> names = new HashSet<>();

        private Container(boolean object, byte type, long left) {
            this.object = object;
            this.type = type;
            this.left = left;
        }
    }

    UbjTokens(byte[] bytes, Refusal refusal) {
        this.refusal = refusal;
        this.file = ByteBuffer.wrap(bytes);
    }

    @Override
    public void beginObject() {
        if (marker() != '{') {
            throw unexpected("no object");
        }
        open(true);
    }

    @Override
    public void beginArray() {
        if (marker() != '[') {
            throw unexpected("no array");
        }
        open(false);
    }

    /** Reads type and count of a container whose marker was read. */
    private void open(boolean object) {
        if (open.size() >= Bounds.NESTING_MAX) {
            throw refusal.of("it nests deeper than " + Bounds.NESTING_MAX);
        }
        byte type = NONE;
        if (peek() == '$') {
            file.get();
            type = one();
            if (bytes(type) == 0 && "S{[".indexOf(type) < 0) {
                throw unexpected("an array of elements of type " + type);
            }
            if (peek() != '#') {
                throw unexpected("a type of elements without their count");
            }
        }
        if (peek() != '#') {
            open.push(new Container(object, NONE, UNKNOWN));
            return;
        }
        file.get();
        long count = whole(one());
        if (count < 0 || count > file.remaining() / Math.max(1, bytes(type))) {
            throw refusal.of("at byte " + file.position() + " it announces " + count + " elements, but only "
                    + file.remaining() + " bytes follow");
        }
        open.push(new Container(object, type, count));
    }

    /** Whether the innermost container goes on; otherwise it is left. */
    private boolean more() {
        Container inner = open.element();
        boolean goesOn;
        if (inner.left == UNKNOWN) {
            goesOn = peek() != (inner.object ? '}' : ']');
            if (!goesOn) {
                file.get();
            }
        } else {
            goesOn = inner.left > 0;
            inner.left -= goesOn ? 1 : 0;
        }
        if (!goesOn) {
            open.pop();
        }
        return goesOn;
    }

    @Override
    public @Nullable String name() {
        if (!more()) {
            return null;
        }
        String name = string();
        if (!open.element().names.add(name)) {
            throw refusal.of("'" + name + "' stands twice in one object");
        }
        return name;
    }

    @Override
    public boolean element() {
        return more();
    }

    @Override
    public String text() {
        byte marker = marker();
        return marker == 'S' ? string() : Double.toString(number(marker));
    }

    @Override
    public double number() {
        return number(marker());
    }

    @Override
    public void numbers(Numbers into) {
        beginArray();
        into.clear();
        while (more()) {
            into.add(number(marker()));
        }
    }

    @Override
    public void skip() {
        int depth = open.size();
        skipOne();
        while (open.size() > depth) {
            Container inner = open.element();
            if (bytes(inner.type) > 0 && !inner.object) {
                file.position(file.position() + (int) inner.left * bytes(inner.type));
                open.pop();
            } else if (more()) {
                if (inner.object) {
                    skipString();
                }
                skipOne();
            }
        }
    }

    private void skipOne() {
        byte marker = marker();
        switch (marker) {
            case '{', '[' -> open(marker == '{');
            case 'S' -> skipString();
            case 'Z' -> {}
            default -> number(marker);
        }
    }

    @Override
    public void end() {
        if (file.hasRemaining()) {
            throw refusal.of(file.remaining() + " bytes follow behind its end");
        }
    }

    /** The type of the next value: its own, or that of all elements of the array or object. */
    private byte marker() {
        Container inner = open.peek();
        return inner != null && inner.type != NONE ? inner.type : one();
    }

    private double number(byte marker) {
        need(bytes(marker));
        return switch (marker) {
            case 'd' -> file.getFloat();
            case 'D' -> file.getDouble();
            case 'T' -> 1;
            case 'F' -> 0;
            default -> whole(marker);
        };
    }

    private long whole(byte marker) {
        need(bytes(marker));
        return switch (marker) {
            case 'i' -> file.get();
            case 'U' -> file.get() & UNSIGNED;
            case 'I' -> file.getShort();
            case 'l' -> file.getInt();
            case 'L' -> file.getLong();
            default -> throw unexpected("a value of type " + marker + " where a number belongs");
        };
    }

    private static int bytes(byte marker) {
        return switch (marker) {
            case 'i', 'U', 'C' -> Byte.BYTES;
            case 'I' -> Short.BYTES;
            case 'l', 'd' -> Integer.BYTES;
            case 'L', 'D' -> Long.BYTES;
            default -> 0;
        };
    }

    private String string() {
        int length = length();
        if (length > Bounds.TEXT_BYTES_MAX) {
            throw refusal.of("a text of " + length + " bytes; at most " + Bounds.TEXT_BYTES_MAX + " are possible");
        }
        byte[] text = new byte[length];
        file.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private void skipString() {
        int length = length();
        file.position(file.position() + length);
    }

    /** The length of a text, which the file does hold. */
    private int length() {
        long length = whole(one());
        if (length < 0 || length > file.remaining()) {
            throw refusal.of("at byte " + file.position() + " it announces a text of " + length + " bytes, but only "
                    + file.remaining() + " follow");
        }
        return (int) length;
    }

    private byte one() {
        need(1);
        return file.get();
    }

    private byte peek() {
        need(1);
        return file.get(file.position());
    }

    private void need(int bytes) {
        if (file.remaining() < bytes) {
            throw refusal.of("the file ends too early");
        }
    }

    private PerennialException unexpected(String what) {
        return refusal.of("before byte " + file.position() + " stands " + what);
    }
}
