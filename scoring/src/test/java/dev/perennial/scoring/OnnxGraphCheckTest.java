package dev.perennial.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.testkit.OnnxFiles;
import dev.perennial.testkit.Proto;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxGraphCheckTest {
    private static Set<String> check(byte[] file) {
        return OnnxGraphCheck.check(ByteBuffer.wrap(file));
    }

    private static void refused(byte[] file, String text) {
        assertThatThrownBy(() -> check(file))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .hasMessageStartingWith("cannot use this ONNX model: ")
                .hasMessageContaining(text);
    }

    @Test
    void honestGraphsPass() {
        assertThat(check(OnnxFiles.columns("a", "b"))).isEmpty();
        assertThat(check(OnnxFiles.matrix())).isEmpty();
        assertThat(check(OnnxFiles.heavy(1 << 20))).isEmpty();
        assertThat(check(OnnxFiles.identity(OnnxFiles.STRING))).isEmpty();
    }

    @Test
    void whatOnlyRunningShowsIsLeftToTheLimits() {
        assertThatCode(() -> check(OnnxFiles.twelveGigabytes())).doesNotThrowAnyException();
        assertThatCode(() -> check(OnnxFiles.endless())).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            external data of a tensor          | its tensor 'w' keeps its data in another file; save the model in one file
            external data of a sparse tensor   | its tensor 'w' keeps its data in another file
            external data of a constant        | its tensor 'w' keeps its data in another file
            external data of a sparse constant | its tensor 'w' keeps its data in another file
            a circle                           | its graph runs in a circle through 'a'
            more tensor than file              | its tensor 'w' declares 4611686018427387903 elements of type 1, but the file holds 4 bytes of them
            more tensor than numbers           | its tensor 'w' declares more than 2^63 elements
            a sparse tensor that unfolds       | its sparse tensor 'w' unfolds to more than 268435456 bytes
            an operator of somebody            | its operator 'Steal' of the domain 'com.evil' is a custom one
            graphs in graphs                   | its graphs are nested deeper than 16
            types in types                     | its types are nested deeper than 16
            a function that calls itself       | its function own:F calls itself
            functions that double forty times  | its functions unfold to more than 200000 nodes
            """)
    void whatNoHonestExporterWritesIsRefused(String what, String message) {
        refused(OnnxFiles.hostile().get(what), message);
    }

    @Test
    void externalDataIsFoundInInnerGraphsAndFunctions() {
        Proto away = new Proto()
                .number(1, 1)
                .number(2, OnnxFiles.FLOAT)
                .text(8, "deep")
                .number(14, 1);
        Proto inner = new Proto().message(5, away).text(2, "inner");
        Proto branch = OnnxFiles.node("If", List.of("x"), "y").message(5, new Proto().message(6, inner));
        refused(OnnxFiles.model(new Proto().message(1, branch)), "'deep' keeps its data in another file");

        Proto constant = OnnxFiles.node("Constant", List.of(), "c").message(5, new Proto().message(5, away));
        byte[] function = new Proto()
                .message(7, new Proto().text(2, "g"))
                .message(25, new Proto().text(1, "F").text(10, "own").message(7, constant))
                .bytes();
        refused(function, "'deep' keeps its data in another file");
    }

    @Test
    void aCircleThroughAnInnerGraphIsFound() {
        Proto inner = new Proto().message(1, OnnxFiles.node("Sigmoid", List.of("later"), "z"));
        Proto branch = OnnxFiles.node("If", List.of("x"), "now").message(5, new Proto().message(6, inner));
        Proto graph = new Proto()
                .message(1, branch)
                .message(1, OnnxFiles.node("Sigmoid", List.of("now"), "later"))
                .message(11, OnnxFiles.value("x", OnnxFiles.BOOL));
        refused(OnnxFiles.model(graph), "its graph runs in a circle through 'now'");
    }

    @Test
    void nodesInAnyOrderAreNoCircle() {
        Proto graph = new Proto()
                .message(1, OnnxFiles.node("Sigmoid", List.of("a"), "b"))
                .message(1, OnnxFiles.node("Sigmoid", List.of("x"), "a"));
        assertThatCode(() -> check(OnnxFiles.model(graph))).doesNotThrowAnyException();
    }

    @Test
    void aValueIsMadeOnce() {
        Proto graph = new Proto()
                .message(1, OnnxFiles.node("Sigmoid", List.of("x"), "a"))
                .message(1, OnnxFiles.node("Sigmoid", List.of("x"), "a"));
        refused(OnnxFiles.model(graph), "its value 'a' is made twice");
    }

    @Test
    void operatorsOfTheModelsOwnFunctionsAreKnown() {
        Proto graph =
                new Proto().message(1, OnnxFiles.node("F", List.of("x"), "y").text(7, "own"));
        byte[] file = new Proto()
                .message(7, graph)
                .message(
                        25,
                        new Proto()
                                .text(1, "F")
                                .text(4, "a")
                                .text(10, "own")
                                .message(7, OnnxFiles.node("Sigmoid", List.of("a"), "b")))
                .bytes();
        assertThatCode(() -> check(file)).doesNotThrowAnyException();
    }

    @Test
    void tensorsOfPackedAndSmallElementsAreCounted() {
        Proto floats =
                new Proto().number(1, 3).number(2, OnnxFiles.FLOAT).text(8, "w").raw(4, new byte[12]);
        Proto nibbles = new Proto().number(1, 3).number(2, 22).text(8, "v").raw(9, new byte[2]);
        Proto texts = new Proto()
                .number(1, 2)
                .number(2, OnnxFiles.STRING)
                .text(8, "t")
                .text(6, "")
                .text(6, "b");
        Proto none = new Proto().number(1, 0).number(2, OnnxFiles.FLOAT).text(8, "n");
        Proto graph = new Proto()
                .message(5, floats)
                .message(5, nibbles)
                .message(5, texts)
                .message(5, none);
        assertThatCode(() -> check(OnnxFiles.model(graph))).doesNotThrowAnyException();
        Proto missing = new Proto()
                .number(1, 3)
                .number(2, OnnxFiles.STRING)
                .text(8, "t")
                .text(6, "a");
        refused(
                OnnxFiles.model(new Proto().message(5, missing)),
                "its tensor 't' declares 3 elements of type 8, but the file holds 1 strings of them");
    }

    @Test
    void tensorsOfNegativeSizeOrUnknownTypeAreRefused() {
        Proto negative = new Proto().number(1, -4).number(2, OnnxFiles.FLOAT).text(8, "w");
        refused(OnnxFiles.model(new Proto().message(5, negative)), "its tensor 'w' has a negative dimension");
        Proto unknown = new Proto().number(1, 1).number(2, 77).text(8, "w").raw(9, new byte[99]);
        refused(OnnxFiles.model(new Proto().message(5, unknown)), "1 elements of type 77");
    }

    @Test
    void inputsWithoutAShapeAreNamed() {
        Proto graph = new Proto()
                .message(11, OnnxFiles.shapeless("a", OnnxFiles.FLOAT))
                .message(11, OnnxFiles.value("scalar", OnnxFiles.FLOAT));
        assertThat(check(OnnxFiles.model(graph))).containsExactly("a");
    }

    @Test
    void whatIsNoOnnxFileIsToldSo() {
        refused(new byte[0], "it has no graph");
        refused("this is no protobuf".getBytes(java.nio.charset.StandardCharsets.UTF_8), "it is no ONNX file: field");
        refused(
                new byte[] {0x3a, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f},
                "field 7 of 268435455 bytes where 0 are left");
        refused(new byte[] {0x3b}, "field 7 of wire type 3");
        refused(new byte[] {(byte) 0xff}, "a number that is cut off");
    }

    @Test
    void moreNodesThanARealNetworkHasAreRefused() {
        byte[] empty = {0x0a, 0};
        byte[] nodes = new byte[2 * (OnnxGraphCheck.NODES_MAX + 1)];
        for (int i = 0; i < nodes.length; i++) {
            nodes[i] = empty[i % 2];
        }
        refused(new Proto().raw(7, nodes).bytes(), "it has more than 200000 nodes");
    }

    @Test
    void brokenBytesAreRefusedOrPassAndNeverMore() {
        SplittableRandom random = new SplittableRandom(6);
        List<byte[]> seeds = new java.util.ArrayList<>(OnnxFiles.hostile().values());
        seeds.add(OnnxFiles.columns("a", "b"));
        seeds.add(OnnxFiles.endless());
        for (int round = 0; round < 20_000; round++) {
            byte[] file = seeds.get(random.nextInt(seeds.size())).clone();
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                file[random.nextInt(file.length)] = (byte) random.nextInt();
            }
            try {
                check(file);
            } catch (PerennialException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
            }
        }
    }
}
