package dev.perennial.scoring.admission;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.testkit.OnnxFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What this process made itself in a format that our own Java reads is looked at where we are, and everything else in a child. */
class AdmissionTest {
    private static final String TREE = """
            {"learner":{"feature_names":[],"objective":{"name":"binary:logistic"},
             "learner_model_param":{"base_score":"5E-1","num_class":"0","num_feature":"1","num_target":"1"},
             "gradient_booster":{"name":"gbtree","model":{"trees":[{"left_children":[1,-1,-1],"right_children":[2,-1,-1],
             "split_indices":[0,0,0],"split_conditions":[0.0,-2.0,2.0],"default_left":[0,0,0]}]}}}}
            """;

    @TempDir
    Path folder;

    private AdmissionEvidence admit(String manifest, byte[] model) throws Exception {
        Path manifestFile = Files.writeString(folder.resolve("manifest.json"), manifest);
        Path modelFile = Files.write(folder.resolve("model"), model);
        return new Admission(new ModelLoader(folder.resolve("natives"))).admitOwn(manifestFile, modelFile);
    }

    private static String tree(String more) {
        return "{\"format\":\"xgboost-json\",\"signature\":[{\"name\":\"x\",\"type\":\"number\"}]%s}".formatted(more);
    }

    private AdmissionEvidence admitTree(String more) throws Exception {
        return admit(tree(more), TREE.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }

    private static void refused(AdmissionEvidence found, String reason) {
        assertThat(found.verdict()).isEqualTo(AdmissionEvidence.REFUSED);
        assertThat(found.admitted()).isFalse();
        assertThat(found.reason()).isNotBlank().contains(reason);
    }

    @Test
    void aTreeIsAdmittedWithoutAProcess() throws Exception {
        long children = ProcessHandle.current().children().count();
        AdmissionEvidence found = admitTree(",\"inputExample\":{\"x\":1},\"outputExample\":0.8807970779778823");
        assertThat(found.admitted()).as(found.reason()).isTrue();
        assertThat(found.evidence().path("example").asText()).isEqualTo("scores as stored");
        assertThat(found.evidence().path("latency").path("runs").asInt()).isEqualTo(200);
        assertThat(ProcessHandle.current().children().count()).isEqualTo(children);
        assertThat(folder.resolve("natives")).doesNotExist();
    }

    @Test
    void theEvidenceNamesWhereItWasLookedAtAndEveryLimit() throws Exception {
        JsonNode limits = admitTree("").evidence().path("limits");
        assertThat(limits.path("where").asText()).isEqualTo("the worker of the run, whose own trainer made the file");
        assertThat(limits.path("applied").toString())
                .contains("prlimit --pid --as: ", "prlimit --pid --cpu: 60 s more than before")
                .contains("watchdog: ", " resident bytes more than before, every 50 ms", "wall: 60000 ms");
        assertThat(limits.path("missing")).isEmpty();
    }

    @Test
    void aNativeFormatIsLookedAtInAChildAlsoWhenItIsOurOwn() throws Exception {
        AdmissionEvidence found =
                admit("{\"format\":\"onnx\",\"signature\":[{\"name\":\"x\",\"type\":\"number\"}]}", OnnxFiles.matrix());
        assertThat(found.admitted()).as(found.reason()).isTrue();
        assertThat(found.evidence().path("limits").path("applied").toString()).contains("prlimit --as=");
    }

    @Test
    void aModelThatDoesNotScoreItsExampleIsRefused() throws Exception {
        refused(
                admitTree(",\"inputExample\":{\"x\":1},\"outputExample\":0.5"),
                "the model scores its own input example 0.88");
    }

    @Test
    void anExampleThatDoesNotFitTheSignatureIsRefused() throws Exception {
        refused(admitTree(",\"inputExample\":{\"x\":\"one\"}"), "column 'x' is a number, but the value is 'one'");
    }

    @Test
    void anIdentityModelIsAdmitted() throws Exception {
        ObjectNode manifest = Json.object().put("format", "identity");
        for (String list : new String[] {"inputs", "outputs"}) {
            ObjectNode spec = manifest.putArray(list).addObject();
            spec.put("name", list)
                    .put("type", "BYTES")
                    .putArray("shape")
                    .add(-1)
                    .add(3);
        }
        AdmissionEvidence found = admit(manifest.toString(), new byte[0]);
        assertThat(found.admitted()).as(found.reason()).isTrue();
        assertThat(found.evidence().path("example").asText()).isEqualTo("none stored");
    }

    @Test
    void anInputThatNobodyCouldSendIsRefused() throws Exception {
        String spec = "[{\"name\":\"a\",\"type\":\"FP64\",\"shape\":[1000000,1000000]}]";
        refused(
                admit("{\"format\":\"identity\",\"inputs\":%s,\"outputs\":%s}".formatted(spec, spec), new byte[0]),
                "input 'a' takes [1000000, 1000000] values in each call, more than 67108864 bytes");
    }

    @Test
    void compressedFilesAreNotUnpackedWhateverTheirFormat() throws Exception {
        byte[] bomb = gzip(new byte[64 << 20]);
        refused(admit(tree(""), bomb), "");
        refused(admit("{\"format\":\"onnx\"}", gzip(OnnxFiles.matrix())), "it is compressed; give the model itself");
    }

    @Test
    void deepJsonIsRefused() throws Exception {
        byte[] deep = "[".repeat(5_000_000).getBytes(StandardCharsets.UTF_8);
        refused(admit(tree(""), deep), "");
    }

    @Test
    void aManifestThatIsNoneIsARefusalAndNoError() throws Exception {
        refused(admit("[]", new byte[0]), "the model manifest is no JSON object");
        refused(
                admit("{\"format\":\"pickle\",\"signature\":[{\"name\":\"x\",\"type\":\"number\"}]}", new byte[0]),
                "model format 'pickle' is not supported");
    }
}
