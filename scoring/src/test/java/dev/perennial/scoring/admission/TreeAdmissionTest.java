package dev.perennial.scoring.admission;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.scoring.ModelLoader;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tree files from elsewhere, honest and hostile, in the child under limits: nothing of them reaches this process. */
class TreeAdmissionTest {
    private static final String TREES = """
            {"learner":{"feature_names":[],"objective":{"name":"binary:logistic"},
             "learner_model_param":{"base_score":"5E-1","num_class":"0","num_feature":"1","num_target":"1"},
             "gradient_booster":{"name":"gbtree","model":{"trees":[%s]}}}}
            """;
    private static final String TREE = "{\"left_children\":[1,-1,-1],\"right_children\":[2,-1,-1],"
            + "\"split_indices\":[0,0,0],\"split_conditions\":[0.0,-2.0,2.0],\"default_left\":[0,0,0]}";
    private static final int BOMB_BYTES = 24 << 20;
    private static final long PEAK_BYTES_MAX = 700L << 20;

    @TempDir
    Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** By name: files that are small for what they ask for. */
    private static byte[] hostile(String name) {
        Map<String, byte[]> files = new TreeMap<>();
        files.put("deep", bytes("{\"other\":" + "[".repeat(BOMB_BYTES / 4)));
        files.put("many trees", bytes(TREES.formatted("{},".repeat(BOMB_BYTES / 8) + "{}")));
        files.put("many lists", bytes("{\"other\":[" + "[],".repeat(BOMB_BYTES / 4) + "[]]}"));
        files.put("long number", bytes("{\"learner\":" + "9".repeat(BOMB_BYTES / 8) + "}"));
        files.put("cyclic", bytes(TREES.formatted(TREE.replace("[1,-1,-1]", "[0,-1,-1]"))));
        files.put(
                "many features",
                bytes(TREES.formatted(TREE).replace("num_feature\":\"1", "num_feature\":\"2000000000")));
        files.put("long array", ubj(Integer.MAX_VALUE));
        files.put(
                "many leaves",
                bytes(
                        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\n"
                                + "objective=regression\nfeature_names=x\nTree=0\nnum_leaves=2000000000\nnum_cat=0\nend of trees\n"));
        return files.get(name);
    }

    /** An array of doubles that claims to be so long, and holds two. */
    private static byte[] ubj(long length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write('{');
        key(out, "learner");
        out.write('{');
        key(out, "weights");
        out.writeBytes(bytes("[$D#L"));
        out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(length).array());
        out.writeBytes(new byte[2 * Double.BYTES]);
        return out.toByteArray();
    }

    private static void key(ByteArrayOutputStream out, String name) {
        out.write('L');
        out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(name.length()).array());
        out.writeBytes(bytes(name));
    }

    private AdmissionEvidence admit(String format, byte[] model, String more) throws Exception {
        Path manifest = Files.writeString(
                folder.resolve("manifest.json"),
                "{\"format\":\"%s\",\"signature\":[{\"name\":\"x\",\"type\":\"number\"}]%s}".formatted(format, more));
        Path file = Files.write(folder.resolve("model"), model);
        return new Admission(new ModelLoader(folder.resolve("natives"))).admit(manifest, file);
    }

    @Test
    void aTreeFromElsewhereIsAdmittedByAChildWithItsLimitsInTheEvidence() throws Exception {
        AdmissionEvidence found = admit(
                "xgboost-json",
                bytes(TREES.formatted(TREE)),
                ",\"inputExample\":{\"x\":1},\"outputExample\":0.8807970779778823");
        assertThat(found.admitted()).as(found.reason()).isTrue();
        JsonNode evidence = found.evidence();
        assertThat(evidence.path("format").asText()).isEqualTo("xgboost-json");
        assertThat(evidence.path("example").asText()).isEqualTo("scores as stored");
        assertThat(evidence.path("latency").path("runs").asInt()).isEqualTo(200);
        assertThat(evidence.path("peakResidentBytes").asLong()).isBetween(1L << 20, PEAK_BYTES_MAX);
        assertThat(evidence.path("limits").path("applied").toString())
                .contains("prlimit --as=", "prlimit --cpu=60", "prlimit --fsize=", "prlimit --core=0", "watchdog: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "deep           | xgboost-json  | it is no JSON",
                "many trees     | xgboost-json  | the arrays of tree 0 are missing, empty or differ in length",
                "many lists     | xgboost-json  | learner",
                "long number    | xgboost-json  | it is no JSON",
                "cyclic         | xgboost-json  | node 0 of tree 0 has child 0, which is outside or used twice",
                "many features  | xgboost-json  | 2000000000 features; at most 10000 are possible",
                "long array     | xgboost-ubj   | it announces 2147483647 elements, but only 16 bytes follow",
                "many leaves    | lightgbm-text | differ in length",
            })
    void aFileThatAsksForTooMuchIsRefusedWithAReasonAtBoundedMemory(String name, String format, String reason)
            throws Exception {
        AdmissionEvidence found = admit(format, hostile(name), "");
        assertThat(found.verdict()).isEqualTo(AdmissionEvidence.REFUSED);
        assertThat(found.reason()).contains(reason);
        assertThat(found.evidence().path("peakResidentBytes").asLong()).isBetween(1L << 20, PEAK_BYTES_MAX);
        assertThat(found.evidence().path("limits").path("applied").toString()).contains("prlimit --as=", "watchdog: ");
    }
}
