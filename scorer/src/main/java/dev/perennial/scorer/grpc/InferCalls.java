package dev.perennial.scorer.grpc;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.http.Chosen;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.serving.Call;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Inference;
import dev.perennial.scorer.serving.Outcome;
import dev.perennial.scorer.serving.Payload;
import dev.perennial.scoring.RunLimit;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** {@code ModelInfer}: a message to the models' door and its outcome back. Thread-safe. */
final class InferCalls {
    private final Inference inference;
    private final Payloads payloads;
    private final int bytesMax;

    /** Where an answer goes; called on the call's event loop. */
    interface Answering {
        /** @param id of the request, empty when it had none or was not read */
        void answered(ProtoWriter response, String id);

        void failed(PerennialException why, String id);
    }

    InferCalls(Inference inference, Payloads payloads, int bytesMax) {
        this.inference = inference;
        this.payloads = payloads;
        this.bytesMax = bytesMax;
    }

    /** The unary method. */
    void infer(GrpcCall call, byte[] message) {
        infer(call, message, new Answering() {
            @Override
            public void answered(ProtoWriter response, String id) {
                call.answer(response.frame(call.answers()));
                call.release();
            }

            @Override
            public void failed(PerennialException why, String id) {
                call.fail(why);
                call.release();
            }
        });
    }

    /** @throws PerennialException at once when the message or the endpoint is wrong, or too much waits */
    void infer(GrpcCall call, byte[] message, Answering answering) {
        long since = System.nanoTime();
        UsualMessage usual = UsualMessage.of(message, bytesMax);
        InferRequest.Head head = usual == null ? InferRequest.Head.read(new ProtoReader(message)) : usual.head();
        RunLimit limit = sooner(call.limit(), since, head.timeoutMicros());
        AtomicReference<@Nullable InferRequest> read = new AtomicReference<>();
        Call.Reading reading = endpoint -> {
            Payload.Rows row =
                    usual == null || !endpoint.tabular() ? null : payloads.usual(endpoint, message.length, usual::read);
            if (usual != null && row != null) {
                read.set(usual.request());
                return row;
            }
            InferRequest request = InferRequest.read(new ProtoReader(message), bytesMax);
            read.set(request);
            return payload(endpoint, request);
        };
        String version = Chosen.version(call.request(), head.version().isEmpty() ? null : head.version());
        Call.Reading keyed = Chosen.keyed(call.request(), reading);
        inference.infer(
                new Call(call.caller(), head.model(), version, message.length, since, limit, keyed),
                outcome -> encoded(read.get(), outcome, answering));
    }

    private static RunLimit sooner(RunLimit limit, long since, long timeoutMicros) {
        if (timeoutMicros == 0) {
            return limit;
        }
        long nanos = TimeUnit.MICROSECONDS.toNanos(timeoutMicros);
        boolean sooner = nanos < limit.deadlineNanos() - since; // right also when there is no other deadline
        return sooner ? new RunLimit(since + nanos, limit.cancelled()) : limit;
    }

    private Payload payload(Endpoint endpoint, InferRequest request) {
        Payloads.wanted(endpoint, request.names());
        String id = request.id().isEmpty() ? null : request.id();
        return Chosen.keyed(key(request), payloads.payload(endpoint, request.inputs(), Payloads.Missing.NONE, id));
    }

    private static @Nullable String key(InferRequest request) {
        Object key = request.parameters().get(Chosen.PARAMETER);
        return key == null
                ? null
                : Chosen.checked("parameters." + Chosen.PARAMETER, key instanceof String text ? text : "");
    }

    private static Runnable encoded(@Nullable InferRequest read, Outcome outcome, Answering answering) {
        String id = read == null ? "" : read.id();
        return switch (outcome) {
            case Outcome.Scored scored -> {
                ProtoWriter out = new ProtoWriter();
                InferAnswer.write(Objects.requireNonNull(read), scored, out);
                yield () -> answering.answered(out, id);
            }
            case Outcome.Computed computed -> {
                ProtoWriter out = new ProtoWriter();
                InferAnswer.write(Objects.requireNonNull(read), computed, out);
                yield () -> answering.answered(out, id);
            }
            case Outcome.Failed failed -> () -> answering.failed(failed.why(), id);
        };
    }
}
