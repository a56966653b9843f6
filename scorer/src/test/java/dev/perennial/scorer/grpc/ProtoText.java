package dev.perennial.scorer.grpc;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads as much of the language of {@code .proto} files as ours use, and says of each what the wire depends on, line by line. */
final class ProtoText {
    private static final Pattern TOKEN = Pattern.compile("//[^\n]*|\"[^\"]*\"|[\\w.]+|[{}()<>;=,]");
    private static final Map<String, Integer> SCALARS = Map.of(
            "double", 1, "float", 2, "int64", 3, "uint64", 4, "int32", 5, "bool", 8, "string", 9, "bytes", 12, "uint32",
            13);

    private final List<String> tokens = new ArrayList<>();
    private final Set<String> types = new TreeSet<>();
    private final List<String[]> fields = new ArrayList<>();
    private final List<String[]> methods = new ArrayList<>();
    private final TreeSet<String> lines = new TreeSet<>();
    private int at;

    private ProtoText(String text) {
        Matcher matcher = TOKEN.matcher(text);
        while (matcher.find()) {
            if (!matcher.group().startsWith("//")) {
                tokens.add(matcher.group());
            }
        }
    }

    /**
     * Lines like {@code .p.Message.field = 3 9 repeated} with number, type of the descriptor, and type name where it has one; like {@code
     * .p.Enum.VALUE = 2}; and like {@code .p.Service.Method 11 .p.In 11 .p.Out stream}.
     */
    static TreeSet<String> lines(String text) {
        ProtoText proto = new ProtoText(text);
        String prefix = ".";
        while (proto.at < proto.tokens.size()) {
            String word = proto.take();
            switch (word) {
                case "syntax" -> proto.skip(3);
                case "package" -> {
                    prefix = "." + proto.take() + ".";
                    proto.skip(1);
                }
                default -> proto.block(word, prefix);
            }
        }
        for (String[] field : proto.fields) {
            proto.lines.add(field[0] + " = " + field[1] + " " + proto.type(field[2], field[3]) + field[4]);
        }
        for (String[] method : proto.methods) { // whose messages stand behind them
            proto.lines.add(method[0] + "." + method[1] + " " + proto.streamed(method[2], method[0]) + " "
                    + proto.streamed(method[3], method[0]));
        }
        return proto.lines;
    }

    private String streamed(String argument, String from) {
        String name = argument.replace("stream ", "");
        return type(name, from) + (name.equals(argument) ? "" : " stream");
    }

    private void block(String word, String prefix) {
        String name = prefix + take();
        skip(1);
        switch (word) {
            case "message" -> message(name);
            case "enum" -> values(name);
            case "service" -> methods(name);
            default -> throw new IllegalStateException(word);
        }
    }

    private void message(String name) {
        types.add(name);
        lines.add(name);
        while (!peek().equals("}")) {
            String word = take();
            switch (word) {
                case "message", "enum" -> block(word, name + ".");
                case "oneof" -> oneOf(name);
                case "map" -> map(name);
                case "repeated" -> field(name, take(), " repeated");
                default -> field(name, word, "");
            }
        }
        skip(1);
    }

    private void oneOf(String name) {
        skip(2);
        while (!peek().equals("}")) {
            field(name, take(), " oneof");
        }
        skip(1);
    }

    private void map(String name) {
        skip(1);
        String key = take();
        skip(1);
        String value = take();
        skip(1);
        String field = peek();
        String entry = Character.toUpperCase(field.charAt(0)) + field.substring(1) + "Entry";
        field(name, entry, " repeated");
        types.add(name + "." + entry);
        lines.add(name + "." + entry);
        fields.add(new String[] {name + "." + entry + ".key", "1", key, name, ""});
        fields.add(new String[] {name + "." + entry + ".value", "2", value, name, ""});
    }

    private void field(String message, String type, String label) {
        String name = take();
        skip(1);
        fields.add(new String[] {message + "." + name, take(), type, message, label});
        skip(1);
    }

    private void values(String name) {
        types.add("enum " + name);
        while (!peek().equals("}")) {
            String value = take();
            skip(1);
            lines.add(name + "." + value + " = " + take());
            skip(1);
        }
        skip(1);
    }

    private void methods(String name) {
        while (!peek().equals("}")) {
            skip(1);
            String method = take();
            String in = argument();
            skip(1);
            methods.add(new String[] {name, method, in, argument()});
            if (peek().equals("{")) {
                skip(2);
            } else {
                skip(1);
            }
        }
        skip(1);
    }

    private String argument() {
        skip(1);
        String word = take();
        String type = word.equals("stream") ? "stream " + take() : word;
        skip(1);
        return type;
    }

    /** The type as descriptors have it; names are looked for from the inside out. */
    private String type(String name, String from) {
        Integer scalar = SCALARS.get(name);
        if (scalar != null) {
            return scalar.toString();
        }
        for (String scope = from; ; scope = scope.substring(0, scope.lastIndexOf('.'))) {
            if (types.contains(scope + "." + name)) {
                return "11 " + scope + "." + name;
            }
            if (types.contains("enum " + scope + "." + name)) {
                return "14 " + scope + "." + name;
            }
            if (scope.isEmpty()) {
                throw new IllegalStateException("there is no type " + name + " within " + from);
            }
        }
    }

    private String peek() {
        return tokens.get(at);
    }

    private String take() {
        return tokens.get(at++);
    }

    private void skip(int count) {
        at += count;
    }
}
