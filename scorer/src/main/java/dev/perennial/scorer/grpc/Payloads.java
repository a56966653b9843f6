package dev.perennial.scorer.grpc;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.serving.Answer;
import dev.perennial.scorer.serving.Outcome;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.scoring.TabularModel;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Between tensors of callers and what the models' door takes and gives. */
final class Payloads {
    private Payloads() {}

    /** Checks that tensors are the inputs of a model. */
    static List<Tensor> fitting(ModelSchema schema, List<Tensor> tensors) {
        for (Tensor tensor : tensors) {
            TensorSpec spec = schema.input(tensor.name())
                    .orElseThrow(() -> bad(tensor.name(), "the model has no such input; it has " + names(schema.inputs())));
            if (spec.type() != tensor.type() || !spec.fits(tensor.shape())) {
                throw bad(
                        tensor.name(),
                        "the model takes " + spec.type() + spec.shape() + ", not " + tensor.type()
                                + Arrays.toString(tensor.shape()));
            }
        }
        for (TensorSpec spec : schema.inputs()) {
            if (tensors.stream().noneMatch(tensor -> tensor.name().equals(spec.name()))) {
                throw bad(spec.name(), "the input is missing");
            }
        }
        return tensors;
    }

    static List<Tensor> outputs(Outcome.Scored scored, List<String> wanted) {
        List<Tensor> all = new ArrayList<>();
        for (String name : wanted.isEmpty() ? List.of(TabularModel.SCORE) : wanted) {
            all.add(switch (name) {
                case TabularModel.SCORE ->
                    Tensor.doubles(
                            name,
                            scored.answers().stream().mapToDouble(Answer::score).toArray());
                case "prediction_id" -> texts(name, scored, Answer::id);
                case "version" -> texts(name, scored, Answer::version);
                case "role" -> texts(name, scored, answer -> answer.role().word());
                default -> throw bad(name, "there is no such output; there are score, prediction_id, version, role");
            });
        }
        return all;
    }

    private static Tensor texts(String name, Outcome.Scored scored, Function<Answer, String> text) {
        byte[][] strings = scored.answers().stream()
                .map(answer -> text.apply(answer).getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        return Tensor.bytes(name, new long[] {strings.length}, strings);
    }

    static List<Tensor> outputs(Outcome.Computed computed, List<String> wanted) {
        if (wanted.isEmpty()) {
            return computed.outputs();
        }
        List<Tensor> all = new ArrayList<>();
        for (String name : wanted) {
            all.add(computed.outputs().stream()
                    .filter(tensor -> tensor.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> bad(
                            name,
                            "there is no such output; there are "
                                    + names(computed.endpoint().model().outputs()))));
        }
        return all;
    }

    private static List<String> names(List<TensorSpec> specs) {
        return specs.stream().map(TensorSpec::name).toList();
    }

    private static PerennialException bad(String field, String why) {
        return PerennialException.invalid(field, field + ": " + why);
    }
}
