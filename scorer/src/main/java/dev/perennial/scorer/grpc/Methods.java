package dev.perennial.scorer.grpc;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.access.Caller;
import org.jspecify.annotations.Nullable;

/** The two kinds of methods that there are. */
final class Methods {
    private Methods() {}

    /** A method of a service. Thread-safe. */
    interface Method {
        GrpcCall.Inbound open(GrpcCall call);
    }

    /** What a method does that answers one message with one. */
    interface Unary {
        /** Answers the call now or later; what it throws ends the call. */
        void answer(GrpcCall call, byte[] message);
    }

    /** What a method does that answers at once. */
    interface Plain {
        void write(Caller caller, ProtoReader in, ProtoWriter out);
    }

    /** One message in, one out. */
    static Method unary(Unary unary) {
        return call -> new One(call, unary);
    }

    /** One message in, and one out at once. */
    static Method plain(Plain plain) {
        return unary((call, message) -> {
            ProtoWriter out = new ProtoWriter();
            plain.write(call.caller(), new ProtoReader(message), out);
            call.answer(out.frame(call.answers()));
            call.release();
        });
    }

    private static final class One implements GrpcCall.Inbound {
        private final GrpcCall call;
        private final Unary unary;
        private byte @Nullable [] message;
        private boolean begun;

        One(GrpcCall call, Unary unary) {
            this.call = call;
            this.unary = unary;
        }

        @Override
        public void message(byte[] next) {
            if (message != null) {
                throw malformed("the method takes one message; there are more");
            }
            message = next;
        }

        @Override
        public void halfClosed() {
            byte[] whole = message;
            if (whole == null) {
                throw malformed("the method takes one message; there is none");
            }
            begun = true;
            message = null;
            try {
                unary.answer(call, whole);
            } catch (PerennialException e) {
                call.release();
                throw e;
            }
        }

        @Override
        public boolean busy() {
            return true;
        }

        @Override
        public void closed() {
            if (!begun) {
                call.release();
            }
        }

        private static PerennialException malformed(String why) {
            return new PerennialException(ErrorCode.MALFORMED_REQUEST, why, "message", null);
        }
    }
}
