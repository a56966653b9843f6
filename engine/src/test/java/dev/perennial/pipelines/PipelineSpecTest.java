package dev.perennial.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PipelineSpecTest {
    @Test
    void aSpecificationSurvivesItsJsonAndKeepsItsDigest() {
        PipelineSpec spec = PipelineSpec.of(
                "candidate",
                StepSpec.worker("snapshot", "snapshot").with(StepSpec.param("lifecycle")),
                StepSpec.worker("train", "train")
                        .reading("parts", StepSpec.files("snapshot"))
                        .retrying(RetryPolicy.attempts(2))
                        .within(60_000),
                StepSpec.inline("register", "register").after("train"));
        PipelineSpec again = Json.read(Json.canonical(spec), PipelineSpec.class);
        assertThat(again).isEqualTo(spec);
        assertThat(again.digest()).isEqualTo(spec.digest());
        assertThat(spec.dependants("snapshot")).containsExactly("train");
    }

    @Test
    void circlesUnknownStepsAndDoubleNamesAreRefused() {
        StepSpec a = StepSpec.inline("a", "k").after("b");
        StepSpec b = StepSpec.inline("b", "k").with(StepSpec.value("a", "x"));
        assertThatThrownBy(() -> PipelineSpec.of("p", a, b)).hasMessageContaining("wait for each other");
        assertThatThrownBy(() -> PipelineSpec.of("p", a)).hasMessageContaining("needs 'b'");
        assertThatThrownBy(() -> PipelineSpec.of("p", StepSpec.inline("a", "k"), StepSpec.inline("a", "k")))
                .hasMessageContaining("two steps 'a'");
        assertThatThrownBy(() -> StepSpec.inline("../a", "k")).hasMessageContaining("'../a'");
        assertThatThrownBy(() -> PipelineSpec.of("p")).hasMessageContaining("0 steps");
    }

    @Test
    void templatesAreFilledAtAnyDepth() {
        Digest digest = Digest.of("file");
        Template template = new Template(Json.object().put("asOf", 7), new Template.Outputs() {
            @Override
            public Map<String, JsonNode> values(String step) {
                return Map.of("rows", Json.tree(3));
            }

            @Override
            public Map<String, Digest> files(String step) {
                return Map.of("model.json", digest);
            }
        });
        JsonNode filled = template.fill(Json.array()
                .add(Json.object()
                        .set("deep", Json.array().add(StepSpec.param("asOf")).add(StepSpec.value("s", "rows"))))
                .add(StepSpec.file("s", "model.json"))
                .add(StepSpec.files("s")));
        assertThat(filled)
                .isEqualTo(Json.parse("[{\"deep\":[7,3]},\"" + digest + "\",{\"model.json\":\"" + digest + "\"}]"));
        assertThat(template.inputs(Map.of("model", StepSpec.file("s", "model.json"), "all", StepSpec.files("s"))))
                .isEqualTo(Map.of("model", digest, "all/model.json", digest));
        assertThatThrownBy(() -> template.fill(StepSpec.param("until"))).hasMessageContaining("no parameter 'until'");
    }

    @Test
    void delaysStayWithinTheirBoundsAndRepeat() {
        RetryPolicy policy = new RetryPolicy(9, 1_000, 2, 5_000);
        for (int n = 1; n <= 6; n++) {
            long bound = Math.min(5_000, 1_000L << (n - 1));
            int failures = n;
            assertThat(IntStream.range(0, 200).mapToLong(i -> policy.delayMillis("run" + i, "s", failures)))
                    .allMatch(delay -> delay >= 0 && delay <= bound)
                    .anyMatch(delay -> delay > bound / 2);
        }
        assertThat(policy.delayMillis("r", "s", 2)).isEqualTo(policy.delayMillis("r", "s", 2));
        assertThat(new RetryPolicy(2, 0, 1, 0).delayMillis("r", "s", 1)).isZero();
    }
}
