package dev.perennial.scorer.grpc;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.access.Caller;
import dev.perennial.scoring.RunLimit;
import io.netty.buffer.Unpooled;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call: an HTTP/2 stream with messages in, messages out and a status at the end. Everything happens on the connection's event loop,
 * but {@link #limit} and {@link #busy} may be asked anywhere.
 */
final class GrpcCall {
    private static final Logger LOG = LoggerFactory.getLogger(GrpcCall.class);
    private static final CharSequence TYPE = HttpHeaders.createOptimized("application/grpc");
    private static final CharSequence STATUS = HttpHeaders.createOptimized("grpc-status");
    private static final CharSequence MESSAGE = HttpHeaders.createOptimized("grpc-message");
    private static final CharSequence ENCODING = HttpHeaders.createOptimized("grpc-encoding");
    private static final CharSequence ACCEPT = HttpHeaders.createOptimized("grpc-accept-encoding");
    private static final CharSequence ACCEPTED = HttpHeaders.createOptimized(Encoding.ACCEPTED);
    private static final long NO_TIMER = -1;
    private static final long NO_ERROR = 0;
    private static final long DROPPED_MAX = 256L << 20;

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final BiConsumer<GrpcCall, GrpcStatus> ending;
    private Encoding answers = Encoding.IDENTITY;
    private long deadline = Long.MAX_VALUE;
    private long timer = NO_TIMER;
    private long dropped;
    private boolean ended;
    private boolean headed;
    private volatile boolean cancelled;
    private Caller caller = Caller.NOBODY;
    private @Nullable FrameReader frames;
    private volatile @Nullable Inbound inbound;

    /** What a call does with what comes in. What it throws ends the call. */
    interface Inbound {
        void message(byte[] message);

        /** The caller sends no more. */
        void halfClosed();

        /** Whether the caller waits for an answer, not only for what may happen. Asked on any thread. */
        boolean busy();

        /** The call is over, whoever ended it. */
        default void closed() {}
    }

    /** @param ending is told how the call ended, once */
    GrpcCall(Vertx vertx, HttpServerRequest request, BiConsumer<GrpcCall, GrpcStatus> ending) {
        this.vertx = vertx;
        this.request = request;
        this.response = request.response();
        this.ending = ending;
        request.exceptionHandler(e -> gone());
        response.exceptionHandler(e -> gone());
        response.closeHandler(closed -> gone());
    }

    /**
     * Reads what the headers say of the call.
     *
     * @throws PerennialException when they are wrong
     */
    void headers(int bytesMax, Budget budget) {
        Encoding messages = Encoding.of(request.getHeader(ENCODING));
        frames = new FrameReader(bytesMax, messages, budget);
        if (messages != Encoding.IDENTITY) {
            String accepted = request.getHeader(ACCEPT);
            answers = accepted != null && accepted.contains(messages.word()) ? messages : Encoding.IDENTITY;
        }
        long timeout = GrpcHeaders.timeoutNanos(request.getHeader("grpc-timeout"));
        if (timeout != Long.MAX_VALUE) {
            deadline = System.nanoTime() + timeout;
            vertx.runOnContext(later -> watchDeadline());
        }
    }

    private void watchDeadline() {
        if (!ended && !cancelled) {
            long millis = TimeUnit.NANOSECONDS.toMillis(Math.max(0, deadline - System.nanoTime())) + 1;
            timer = vertx.setTimer(
                    millis,
                    now -> fail(GrpcStatus.DEADLINE_EXCEEDED, "the deadline passed before the answer was there"));
        }
    }

    /** Says who calls; before the call is opened. */
    void by(Caller who) {
        caller = who;
    }

    /** Who calls. */
    Caller caller() {
        return caller;
    }

    /** Begins to hand over what comes in. */
    void open(Inbound to) {
        inbound = to;
        request.handler(this::chunk);
        request.endHandler(end -> {
            if (!ended && !cancelled) {
                guarded(() -> halfClosed(to));
            }
        });
    }

    /** What comes after the end is dropped; a caller that does not stop is cut off. */
    private void chunk(Buffer chunk) {
        if (ended) {
            dropped += chunk.length();
            if (dropped > DROPPED_MAX) {
                response.reset(NO_ERROR);
            }
            return;
        }
        FrameReader reader = frames;
        Inbound to = inbound;
        if (!cancelled && reader != null && to != null) {
            guarded(() -> reader.read(chunk, message -> {
                to.message(message);
                return !ended;
            }));
        }
    }

    private void halfClosed(Inbound to) {
        if (frames != null && frames.partial()) {
            throw new PerennialException(
                    ErrorCode.MALFORMED_REQUEST, "the call ends within a message", "message", null);
        }
        to.halfClosed();
    }

    /** Runs a step of the call; what it throws ends the call. */
    void guarded(Runnable step) {
        try {
            step.run();
        } catch (PerennialException e) {
            fail(e);
        } catch (RuntimeException e) { // the boundary of a request: logged, answered, and the next one goes on
            LOG.error("a call of {} failed", request.path(), e);
            fail(GrpcStatus.INTERNAL, "an error of the scorer; see its log");
        }
    }

    /** When nobody waits for the answer any more. */
    RunLimit limit() {
        return new RunLimit(deadline, () -> cancelled);
    }

    /** How the caller wants answers to be compressed. */
    Encoding answers() {
        return answers;
    }

    /** Whether the caller waits for an answer. */
    boolean busy() {
        Inbound to = inbound;
        return to == null || to.busy();
    }

    boolean over() {
        return ended || cancelled;
    }

    /** The context on whose thread everything happens. */
    Vertx vertx() {
        return vertx;
    }

    HttpServerRequest request() {
        return request;
    }

    /** Sends a message of several; false when the caller reads too slowly and nothing more should be sent for now. */
    boolean send(ByteBuffer frame) {
        if (over()) {
            return true;
        }
        head();
        response.write(buffer(frame));
        return !response.writeQueueFull();
    }

    /** Goes on as soon as the caller has read enough. */
    void whenDrained(Runnable then) {
        response.drainHandler(drained -> then.run());
    }

    /** Ends well, with what was sent. */
    void end() {
        if (!over()) {
            head();
            response.putTrailer(STATUS, GrpcStatus.OK.word());
            response.end();
            finish(GrpcStatus.OK);
        }
    }

    /** Sends the one answer of a call. */
    void answer(ByteBuffer frame) {
        if (!over()) {
            head();
            response.putTrailer(STATUS, GrpcStatus.OK.word());
            response.end(buffer(frame));
            finish(GrpcStatus.OK);
        }
    }

    void fail(PerennialException e) {
        fail(GrpcStatus.of(e.code()), String.valueOf(e.getMessage()));
    }

    /** Ends with an error. Before the first message its status stands in the head, which is also the end. */
    void fail(GrpcStatus status, String text) {
        if (over()) {
            return;
        }
        String message = GrpcHeaders.message(text);
        if (headed) {
            response.putTrailer(STATUS, status.word()).putTrailer(MESSAGE, message);
        } else {
            response.putHeader(HttpHeaders.CONTENT_TYPE, TYPE)
                    .putHeader(ACCEPT, ACCEPTED)
                    .putHeader(STATUS, status.word())
                    .putHeader(MESSAGE, message);
        }
        response.end();
        finish(status);
    }

    private void head() {
        if (!headed) {
            headed = true;
            response.putHeader(HttpHeaders.CONTENT_TYPE, TYPE).putHeader(ACCEPT, ACCEPTED);
            if (answers != Encoding.IDENTITY) {
                response.putHeader(ENCODING, answers.word());
            }
        }
    }

    private void gone() {
        if (!over()) {
            cancelled = true;
            finish(GrpcStatus.CANCELLED);
        }
    }

    private void finish(GrpcStatus status) {
        ended = true;
        if (timer != NO_TIMER) {
            vertx.cancelTimer(timer);
        }
        ending.accept(this, status);
        Inbound to = inbound;
        if (to != null) {
            to.closed();
        }
    }

    /** Gives back what the call's messages hold of the budget; to be called once they are not needed any more. */
    void release() {
        if (frames != null) {
            frames.release();
        }
    }

    @SuppressWarnings("deprecation") // the only way to hand over an array without a copy
    private static Buffer buffer(ByteBuffer frame) {
        return Buffer.buffer(Unpooled.wrappedBuffer(frame));
    }
}
