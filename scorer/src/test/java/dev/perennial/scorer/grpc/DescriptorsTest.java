package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DescriptorsTest {
    private static final Path SOURCES = Path.of(System.getProperty("perennial.root"), "scorer", "src", "main", "proto");
    private static final int REPEATED = 3;

    private final Descriptors descriptors = new Descriptors();

    /** After a change of a {@code .proto} file run the command in docs/serving-grpc.md. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "inference.proto",
                "grpc/health/v1/health.proto",
                "grpc/reflection/v1/reflection.proto",
                "grpc/reflection/v1alpha/reflection.proto"
            })
    void theCompiledSetSaysWhatTheSourceSays(String file) throws IOException {
        String source = Files.readString(SOURCES.resolve(file), StandardCharsets.UTF_8);
        TreeSet<String> lines = new TreeSet<>();
        file(new ProtoReader(Objects.requireNonNull(descriptors.file(file))), lines);
        assertThat(lines).isEqualTo(ProtoText.lines(source)).hasSizeGreaterThan(5);
    }

    @Test
    void everyMethodThatIsAnsweredIsDescribedAndTheOtherWayRound() {
        TreeSet<String> described = new TreeSet<>();
        for (String file : new String[] {"inference.proto", "grpc/health/v1/health.proto"}) {
            TreeSet<String> lines = new TreeSet<>();
            file(new ProtoReader(Objects.requireNonNull(descriptors.file(file))), lines);
            lines.stream()
                    .filter(line -> line.contains(" 11 .") && !line.contains(" = "))
                    .forEach(line ->
                            described.add(line.substring(1, line.indexOf(' ')).replaceFirst("\\.(\\w+)$", "/$1")));
        }
        assertThat(described).contains("inference.GRPCInferenceService/ModelInfer", "grpc.health.v1.Health/Watch");
        assertThat(paths())
                .containsAll(described.stream().map(path -> "/" + path).toList())
                .hasSize(described.size() + 2);
    }

    @SuppressWarnings("NullAway") // nothing is called: only the names count
    private static Set<String> paths() {
        ModelCalls models = new ModelCalls(null, null, null);
        return Services.all(
                        new InferCalls(null, null, 0), models, new HealthCalls(models, null), new ReflectionCalls(null))
                .keySet();
    }

    @Test
    void findsFilesBySymbolsOfEveryKind() {
        assertThat(descriptors.holder("inference.GRPCInferenceService")).isEqualTo("inference.proto");
        assertThat(descriptors.holder("inference.GRPCInferenceService.ModelInfer"))
                .isEqualTo("inference.proto");
        assertThat(descriptors.holder("inference.ModelInferRequest.InferInputTensor"))
                .isEqualTo("inference.proto");
        assertThat(descriptors.holder("inference.DataType")).isEqualTo("inference.proto");
        assertThat(descriptors.holder("grpc.health.v1.HealthCheckResponse.ServingStatus"))
                .isEqualTo("grpc/health/v1/health.proto");
        assertThat(descriptors.holder("inference.Nothing")).isNull();
    }

    @Test
    void namesTheServices() {
        assertThat(descriptors.services())
                .containsExactly(
                        "inference.GRPCInferenceService",
                        "grpc.health.v1.Health",
                        "grpc.reflection.v1.ServerReflection",
                        "grpc.reflection.v1alpha.ServerReflection");
    }

    private static void file(ProtoReader in, TreeSet<String> lines) {
        String prefix = ".";
        while (in.next()) {
            switch (in.field()) {
                case 2 -> prefix = "." + in.text() + ".";
                case 4 -> message(in.message(), prefix, lines);
                case 5 -> values(in.message(), prefix, lines);
                case 6 -> methods(in.message(), prefix, lines);
                default -> in.skip();
            }
        }
    }

    private static void message(ProtoReader in, String prefix, TreeSet<String> lines) {
        String name = prefix;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> {
                    name = prefix + in.text();
                    lines.add(name);
                }
                case 2 -> field(in.message(), name, lines);
                case 3 -> message(in.message(), name + ".", lines);
                case 4 -> values(in.message(), name + ".", lines);
                default -> in.skip();
            }
        }
    }

    private static void field(ProtoReader in, String message, TreeSet<String> lines) {
        String name = "";
        String typeName = "";
        String label = "";
        long number = 0;
        long type = 0;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = in.text();
                case 3 -> number = in.whole();
                case 4 -> label = in.whole() == REPEATED ? " repeated" : label;
                case 5 -> type = in.whole();
                case 6 -> typeName = " " + in.text();
                case 9 -> {
                    in.skip();
                    label = " oneof";
                }
                default -> in.skip();
            }
        }
        lines.add(message + "." + name + " = " + number + " " + type + typeName + label);
    }

    private static void values(ProtoReader in, String prefix, TreeSet<String> lines) {
        String name = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = prefix + in.text();
                case 2 -> {
                    ProtoReader value = in.message();
                    String word = "";
                    long number = 0;
                    while (value.next()) {
                        switch (value.field()) {
                            case 1 -> word = value.text();
                            case 2 -> number = value.whole();
                            default -> value.skip();
                        }
                    }
                    lines.add(name + "." + word + " = " + number);
                }
                default -> in.skip();
            }
        }
    }

    private static void methods(ProtoReader in, String prefix, TreeSet<String> lines) {
        String name = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = prefix + in.text();
                case 2 -> method(in.message(), name, lines);
                default -> in.skip();
            }
        }
    }

    private static void method(ProtoReader in, String service, TreeSet<String> lines) {
        String name = "";
        String takes = "";
        String gives = "";
        String takesStream = "";
        String givesStream = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = in.text();
                case 2 -> takes = in.text();
                case 3 -> gives = in.text();
                case 5 -> takesStream = in.bool() ? " stream" : "";
                case 6 -> givesStream = in.bool() ? " stream" : "";
                default -> in.skip();
            }
        }
        lines.add(service + "." + name + " 11 " + takes + takesStream + " 11 " + gives + givesStream);
    }
}
