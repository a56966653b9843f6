package dev.perennial.tracking;

import dev.perennial.kernel.PerennialException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** The path of an artifact below the root: plain segments, nothing that could lead elsewhere. The root itself is the empty path. */
public record ArtifactPath(List<String> segments) {
    private static final int DECODE_ROUNDS_MAX = 10;
    private static final int LENGTH_MAX = 4096;
    private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:.*");

    public ArtifactPath {
        segments = List.copyOf(segments);
    }

    /**
     * Reads a path that is already decoded once. What it would be after any further decoding must be harmless too.
     *
     * @param path an empty one is the root
     */
    public static ArtifactPath of(String path) {
        refuseDangers(path);
        String decoded = path;
        for (int round = 0; ; round++) {
            String next = percentDecoded(decoded);
            if (next.equals(decoded)) {
                break;
            }
            if (round == DECODE_ROUNDS_MAX) {
                throw invalid();
            }
            decoded = next;
            refuseDangers(decoded);
        }
        String plain = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        if (plain.isEmpty() || plain.equals(".")) {
            return new ArtifactPath(List.of());
        }
        List<String> segments = Arrays.asList(plain.split("/", -1));
        if (segments.stream().anyMatch(segment -> segment.isEmpty() || segment.equals("."))) {
            throw invalid();
        }
        return new ArtifactPath(segments);
    }

    private static void refuseDangers(String path) {
        boolean bad = path.length() > LENGTH_MAX
                || path.startsWith("/")
                || path.regionMatches(true, 0, "file:", 0, "file:".length())
                || DRIVE.matcher(path).matches()
                || path.chars().anyMatch(c -> c < ' ' || c == 0x7f || c == '\\' || c == '#')
                || Arrays.asList(path.split("/", -1)).contains("..");
        if (bad) {
            throw invalid();
        }
    }

    /** Decodes what is a percent-encoding of UTF-8 and leaves a lone percent sign as it is. */
    private static String percentDecoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] in = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(in.length);
        for (int i = 0; i < in.length; i++) {
            int high = in[i] == '%' && i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
            int low = high >= 0 ? Character.digit(in[i + 2], 16) : -1;
            if (low >= 0) {
                out.put((byte) (high * 16 + low));
                i += 2;
            } else {
                out.put(in[i]);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(out.flip()).toString();
        } catch (CharacterCodingException e) {
            throw invalid();
        }
    }

    /** Whether it is the other path or lies below it. */
    boolean isIn(ArtifactPath other) {
        int depth = other.segments.size();
        return segments.size() >= depth && segments.subList(0, depth).equals(other.segments);
    }

    boolean root() {
        return segments.isEmpty();
    }

    String name() {
        return segments.getLast();
    }

    ArtifactPath parent() {
        return new ArtifactPath(segments.subList(0, segments.size() - 1));
    }

    public ArtifactPath resolve(ArtifactPath below) {
        return new ArtifactPath(java.util.stream.Stream.concat(segments.stream(), below.segments.stream())
                .toList());
    }

    /** The segments joined by slashes. */
    public String text() {
        return String.join("/", segments);
    }

    private static PerennialException invalid() {
        return PerennialException.invalid("path", "Invalid path");
    }
}
