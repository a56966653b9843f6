package dev.perennial.scorer.grpc;

import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.http.v2.Classification;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Outcome;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes {@code ModelInferResponse}. */
final class InferAnswer {
    private InferAnswer() {}

    static void write(InferRequest request, Outcome.Scored scored, ProtoWriter out) {
        String version = scored.answers().size() == 1
                ? scored.answers().getFirst().version()
                : scored.endpoint().championVersion();
        head(request, version, out);
        Payloads.facts(scored).forEach((name, value) -> parameter(name, value, out));
        if (!scored.logged()) {
            parameter("logged", "no", out);
        }
        tensors(request, Payloads.outputs(scored, Payloads.wanted(scored.endpoint(), request.names())), out);
    }

    static void write(InferRequest request, Outcome.Computed computed, ProtoWriter out) {
        head(request, computed.version(), out);
        Payloads.facts(computed).forEach((name, value) -> parameter(name, value, out));
        tensors(request, Payloads.outputs(computed, Payloads.wanted(computed.endpoint(), request.names())), out);
    }

    private static void head(InferRequest request, String version, ProtoWriter out) {
        out.text(1, request.model());
        out.text(2, Endpoint.number(version));
        out.text(3, request.id());
    }

    private static void parameter(String name, String value, ProtoWriter out) {
        out.message(4, entry -> {
            entry.text(1, name);
            entry.message(2, parameter -> parameter.bytes(3, value.getBytes(StandardCharsets.UTF_8)));
        });
    }

    private static void tensors(InferRequest request, List<Tensor> outputs, ProtoWriter out) {
        List<Tensor> tensors = classified(request, outputs);
        boolean typed = request.typed()
                && tensors.stream().noneMatch(t -> t.type() == DataType.FP16 || t.type() == DataType.BF16);
        for (Tensor tensor : tensors) {
            out.message(5, output -> {
                output.text(1, tensor.name());
                output.text(2, tensor.type().name());
                output.wholes(3, tensor.shape());
                if (typed) {
                    Contents.writeTyped(5, tensor, output);
                }
            });
        }
        if (!typed) {
            tensors.forEach(tensor -> Contents.writeRaw(6, tensor, out));
        }
    }

    private static List<Tensor> classified(InferRequest request, List<Tensor> outputs) {
        List<Tensor> tensors = new ArrayList<>(outputs);
        for (int i = 0; i < request.outputs().size(); i++) {
            int classes = request.outputs().get(i).classes();
            if (classes > 0) {
                tensors.set(i, Classification.of(outputs.get(i), classes));
            }
        }
        return tensors;
    }
}
