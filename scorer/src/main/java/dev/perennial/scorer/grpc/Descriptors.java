package dev.perennial.scorer.grpc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The compiled form of our {@code .proto} files, for reflection: which file holds which symbol. Immutable. */
final class Descriptors {
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final Map<String, String> symbols = new LinkedHashMap<>();
    private final List<String> services = new ArrayList<>();

    Descriptors() {
        ProtoReader set = new ProtoReader(resource());
        while (set.next()) {
            file(set.copy());
        }
    }

    private static byte[] resource() {
        try (InputStream in = Descriptors.class.getResourceAsStream("services.desc")) {
            return Objects.requireNonNull(in, "the descriptor set is missing").readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the descriptor set cannot be read", e);
        }
    }

    private void file(byte[] bytes) {
        String name = "";
        String prefix = "";
        ProtoReader in = new ProtoReader(bytes);
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = in.text();
                case 2 -> prefix = in.text() + ".";
                case 4 -> message(in.message(), prefix, name);
                case 5 -> symbols.put(prefix + named(in.message()), name);
                case 6 -> service(in.message(), prefix, name);
                default -> in.skip();
            }
        }
        files.put(name, bytes);
    }

    private void message(ProtoReader in, String prefix, String file) {
        String name = prefix;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> {
                    name = prefix + in.text();
                    symbols.put(name, file);
                }
                case 3 -> message(in.message(), name + ".", file);
                case 4 -> symbols.put(name + "." + named(in.message()), file);
                default -> in.skip();
            }
        }
    }

    private void service(ProtoReader in, String prefix, String file) {
        String name = prefix;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> {
                    name = prefix + in.text();
                    services.add(name);
                    symbols.put(name, file);
                }
                case 2 -> symbols.put(name + "." + named(in.message()), file);
                default -> in.skip();
            }
        }
    }

    private static String named(ProtoReader in) {
        String name = "";
        while (in.next()) {
            if (in.field() == 1) {
                name = in.text();
            } else {
                in.skip();
            }
        }
        return name;
    }

    /** Full names of the services. */
    List<String> services() {
        return List.copyOf(services);
    }

    /** The descriptor of a file; null when there is none of that name. */
    byte @Nullable [] file(String name) {
        return files.get(name);
    }

    /** Name of the file that holds a message, enum, service or method; null when none does. */
    @Nullable
    String holder(String symbol) {
        return symbols.get(symbol);
    }
}
