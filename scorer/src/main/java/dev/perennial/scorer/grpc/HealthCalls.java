package dev.perennial.scorer.grpc;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.access.Caller;
import io.vertx.core.buffer.Buffer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code grpc.health.v1.Health}. The service {@code ""}, {@code inference.GRPCInferenceService} and {@code ready} mean: ready for
 * traffic; {@code live}: the process answers; any other word is the name of a model. Thread-safe.
 */
final class HealthCalls {
    private static final int SERVING = 1;
    private static final int NOT_SERVING = 2;
    private static final int SERVICE_UNKNOWN = 3;
    private static final long LOOK_MILLIS = 200;
    private static final int LOOKS_A_PING = 150;

    private final ModelCalls models;
    private final BooleanSupplier ready;

    HealthCalls(ModelCalls models, BooleanSupplier ready) {
        this.models = models;
        this.ready = ready;
    }

    private int status(Caller caller, String service) {
        return switch (service) {
            case "live" -> SERVING;
            case "", "ready", Services.INFERENCE -> ready.getAsBoolean() ? SERVING : NOT_SERVING;
            default -> models.isReady(caller, new ModelCalls.Named(service, "")) ? SERVING : SERVICE_UNKNOWN;
        };
    }

    void check(Caller caller, ProtoReader in, ProtoWriter out) {
        String service = ModelCalls.Named.read(in).name();
        int status = status(caller, service);
        if (status == SERVICE_UNKNOWN) {
            throw PerennialException.notFound("there is no service or model '" + service + "'");
        }
        out.whole(1, status);
    }

    GrpcCall.Inbound watch(GrpcCall call) {
        return new Watch(call);
    }

    private final class Watch implements GrpcCall.Inbound {
        private final GrpcCall call;
        private @Nullable String service;
        private long timer = -1;
        private int told;
        private int looks;

        Watch(GrpcCall call) {
            this.call = call;
        }

        @Override
        public void message(byte[] message) {
            if (service != null) {
                throw PerennialException.invalid("message", "the method takes one message; there are more");
            }
            String watched = ModelCalls.Named.read(new ProtoReader(message)).name();
            service = watched;
            call.release();
            look(watched);
            timer = call.vertx().setPeriodic(LOOK_MILLIS, now -> look(watched));
        }

        /** Tells a change; and keeps the connection from looking idle. */
        private void look(String watched) {
            int status = status(call.caller(), watched);
            if (status != told) {
                told = status;
                ProtoWriter out = new ProtoWriter();
                out.whole(1, status);
                call.send(out.frame(call.answers()));
            }
            if (++looks % LOOKS_A_PING == 0) {
                call.request().connection().ping(Buffer.buffer(new byte[Long.BYTES]));
            }
        }

        @Override
        public void halfClosed() {
            if (service == null) {
                throw PerennialException.invalid("message", "the method takes one message; there is none");
            }
        }

        @Override
        public boolean busy() {
            return false;
        }

        @Override
        public void closed() {
            call.release();
            if (timer >= 0) {
                call.vertx().cancelTimer(timer);
            }
        }
    }
}
