package dev.perennial.lifecycle.file;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Writes a lifecycle file back as text: one canonical form, which parses to the same records. */
public final class LifecycleText {
    private static final int LINE_MAX = 120;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_/][A-Za-z0-9_/.+-]*( [A-Za-z0-9_/.+?-]+)*");
    private static final Pattern READ_OTHERWISE = Pattern.compile("(?i)true|false|null|y|n|yes|no|on|off");

    private LifecycleText() {}

    /** The canonical text; paths of sources are absolute in it. */
    public static String render(LifecycleFile file) {
        StringBuilder out = new StringBuilder();
        FileTree.written(file).forEach((key, value) -> block(out, 0, key, value));
        return out.toString();
    }

    /** Any value of a file tree on one line. */
    static String flow(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                List<String> parts = new ArrayList<>();
                map.forEach((key, item) -> parts.add(scalar(String.valueOf(key)) + ": " + flow(item)));
                yield "{" + String.join(", ", parts) + "}";
            }
            case List<?> list ->
                "[" + String.join(", ", list.stream().map(LifecycleText::flow).toList()) + "]";
            case Double number
            when number == Math.rint(number) && Math.abs(number) < 1e15 -> Long.toString(number.longValue());
            case Number number -> number.toString();
            case Boolean flag -> flag.toString();
            default -> scalar(value.toString());
        };
    }

    private static void block(StringBuilder out, int indent, String key, Object value) {
        String start = " ".repeat(indent) + scalar(key) + ":";
        String line = start + " " + flow(value);
        boolean top = indent == 0 && value instanceof Map<?, ?> map && map.size() > 1;
        if (!(value instanceof Map<?, ?> || value instanceof List<?>) || line.length() <= LINE_MAX && !top) {
            out.append(line).append('\n');
        } else if (value instanceof Map<?, ?> map) {
            out.append(start).append('\n');
            map.forEach((name, item) -> block(out, indent + 2, String.valueOf(name), item));
        } else if (value instanceof List<?> list) {
            if (list.getFirst() instanceof Map<?, ?>) {
                out.append(start).append('\n');
                list.forEach(item -> out.append(" ".repeat(indent + 2))
                        .append("- ")
                        .append(flow(item))
                        .append('\n'));
            } else {
                out.append(line).append('\n');
            }
        }
    }

    private static String scalar(String text) {
        if (PLAIN.matcher(text).matches() && !READ_OTHERWISE.matcher(text).matches()
                || Pattern.matches("\\d+(us|ms|s|m|h|d)", text)) {
            return text;
        }
        StringBuilder quoted = new StringBuilder("\"");
        text.chars().forEach(c -> {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\t' -> quoted.append("\\t");
                case '\n' -> quoted.append("\\n");
                default -> {
                    if (Character.isISOControl(c)) {
                        quoted.append(String.format("\\u%04x", c));
                    } else {
                        quoted.append((char) c);
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }
}
