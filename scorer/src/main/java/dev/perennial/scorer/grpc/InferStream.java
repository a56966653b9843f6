package dev.perennial.scorer.grpc;

import dev.perennial.kernel.PerennialException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/**
 * {@code ModelStreamInfer}: requests are answered one after the other, each with one answer. A request that fails yields an answer with
 * its error and the call goes on. While one is answered, and while the caller reads too slowly, nothing more is read.
 */
final class InferStream implements GrpcCall.Inbound {
    private final GrpcCall call;
    private final InferCalls calls;
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private boolean working;
    private boolean full;
    private boolean halfClosed;
    private boolean looping;

    InferStream(GrpcCall call, InferCalls calls) {
        this.call = call;
        this.calls = calls;
    }

    @Override
    public void message(byte[] message) {
        waiting.add(message);
        next();
    }

    @Override
    public void halfClosed() {
        halfClosed = true;
        next();
    }

    @Override
    public void closed() {
        waiting.clear();
        if (!working) {
            call.release();
        }
    }

    private void next() {
        if (looping) {
            return; // an answer came at once: the loop below goes on
        }
        looping = true;
        while (!working && !full && !call.over() && !waiting.isEmpty()) {
            begin(waiting.removeFirst());
        }
        looping = false;
        if (halfClosed && waiting.isEmpty() && !working) {
            call.end();
        } else if (!halfClosed && (working || full)) {
            call.request().pause();
        } else if (!halfClosed) {
            call.request().resume();
        }
    }

    private void begin(byte[] message) {
        working = true;
        try {
            calls.infer(call, message, new InferCalls.Answering() {
                @Override
                public void answered(ProtoWriter response, String id) {
                    ProtoWriter out = new ProtoWriter();
                    out.bytes(2, response.view());
                    done(out);
                }

                @Override
                public void failed(PerennialException why, String id) {
                    done(error(why, id));
                }
            });
        } catch (PerennialException e) {
            done(error(e, ""));
        }
    }

    private static ProtoWriter error(PerennialException why, String id) {
        ProtoWriter out = new ProtoWriter();
        out.text(1, String.valueOf(why.getMessage()));
        if (!id.isEmpty()) {
            out.message(2, response -> response.bytes(3, id.getBytes(StandardCharsets.UTF_8)));
        }
        return out;
    }

    private void done(ProtoWriter answer) {
        working = false;
        call.release();
        if (!call.send(answer.frame(call.answers()))) {
            full = true;
            call.whenDrained(() -> {
                full = false;
                next();
            });
        }
        next();
    }
}
