package dev.perennial.scoring.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.tensors.TensorSpec;
import dev.perennial.testkit.PythonScript;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What MLflow's client makes of input examples, with the signatures that it infers from them. */
class ServingPayloadsIT {
    @TempDir
    Path folder;

    @Test
    void everyServingInputOfMlflowPassesStrictly() throws Exception {
        Path file = folder.resolve("payloads.json");
        assertThat(PythonScript.CLIENT.run(folder, "serving_payloads.py", file.toString()))
                .contains("33 payloads made by mlflow 3.17.2");
        List<String> refused = new ArrayList<>();
        for (JsonNode made : Json.parse(Files.readAllBytes(file))) {
            try {
                read(made);
            } catch (PerennialException e) {
                refused.add(made.get("kind").asText() + " " + made.get("inputs").asText() + ": " + e.getMessage());
            }
        }
        assertThat(String.join("\n", refused)).isEmpty();
    }

    private static void read(JsonNode made) {
        MlflowSignature signature = MlflowSignature.parse(text(made, "inputs"), text(made, "params"));
        byte[] body = made.get("body").asText().getBytes(StandardCharsets.UTF_8);
        if (!signature.tensors().isEmpty()) {
            List<TensorSpec> specs = signature.tensors().stream()
                    .map(field -> new TensorSpec(
                            field.name() == null ? "input" : field.name(),
                            TensorField.type(field.dtype()),
                            field.shape()))
                    .toList();
            assertThat(TensorBody.read(new ModelSchema(specs, specs, null), body))
                    .allSatisfy(tensor -> assertThat(
                                    specs.stream().filter(spec -> spec.name().equals(tensor.name())))
                            .allMatch(spec -> spec.fits(tensor.shape())));
            return;
        }
        Enforced enforced = Enforced.json(signature, Caster.STRICT, body, 10);
        assertThat(enforced.columns())
                .as(made.toString())
                .hasSize(signature.columns().size())
                .doesNotContainNull();
        assertThat(enforced.extra()).isEmpty();
        assertThat(enforced.params().unknown()).isEmpty();
    }

    private static @Nullable String text(JsonNode made, String member) {
        return made.get(member).isNull() ? null : made.get(member).asText();
    }
}
