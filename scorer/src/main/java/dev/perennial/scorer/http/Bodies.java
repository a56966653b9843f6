package dev.perennial.scorer.http;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Reads whole request bodies, and inflates them, up to a limit each and up to a limit for all that are held at one time. Thread-safe.
 */
final class Bodies {
    /** A compressed body below this is inflated on the event loop; by the limit of its ratio that takes some milliseconds at most. */
    private static final int INFLATED_INLINE_MAX = 16 << 10;

    private final int bytesMax;
    private final long heldMax;
    private final AtomicLong held = new AtomicLong();

    /** @param heldMax bytes of all bodies together, beyond which further ones are refused as long as others are held */
    Bodies(int bytesMax, long heldMax) {
        this.bytesMax = bytesMax;
        this.heldMax = heldMax;
    }

    /**
     * Exactly one of the two consumers is called, on the event loop.
     *
     * @return to be called once the request is answered or its connection gone: its bytes are held until then
     */
    Runnable read(HttpServerRequest request, Consumer<byte[]> then, Consumer<PerennialException> refused) {
        Coding coding;
        try {
            coding = Coding.of(request.getHeader(HttpHeaders.CONTENT_ENCODING));
            checkHeaders(request);
        } catch (PerennialException e) {
            if ("Content-Encoding".equals(e.field())) {
                request.response().putHeader("Accept-Encoding", Coding.KNOWN);
            }
            refused.accept(e);
            return () -> {};
        }
        Collector collector = new Collector(coding, then, refused);
        collector.attach(request);
        return collector::letGo;
    }

    private void checkHeaders(HttpServerRequest request) {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        if (type != null && type.startsWith("multipart/")) {
            throw new PerennialException(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    "content type '" + type + "' is not supported; send JSON",
                    "Content-Type",
                    null);
        }
        String declared = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (declared != null && declared.length() > 9 || declared != null && Long.parseLong(declared) > bytesMax) {
            throw tooLarge();
        }
    }

    private PerennialException tooLarge() {
        return new PerennialException(
                ErrorCode.TOO_LARGE, "the body is larger than " + bytesMax + " bytes (--body-bytes)", "body", null);
    }

    private final class Collector {
        private final Coding coding;
        private final Consumer<byte[]> then;
        private final Consumer<PerennialException> refused;
        private final List<Buffer> chunks = new ArrayList<>(1);
        private int size;
        private long holding;
        private boolean done;
        private boolean gone;

        Collector(Coding coding, Consumer<byte[]> then, Consumer<PerennialException> refused) {
            this.coding = coding;
            this.then = then;
            this.refused = refused;
        }

        void attach(HttpServerRequest request) {
            request.handler(this::chunk);
            request.endHandler(end -> whole());
            request.exceptionHandler(e -> refuse(new PerennialException(
                    ErrorCode.MALFORMED_REQUEST, "the body cannot be read: " + e.getMessage(), "body", e)));
        }

        private void chunk(Buffer chunk) {
            if (done) {
                return;
            }
            if (size + chunk.length() > bytesMax) {
                refuse(tooLarge());
            } else if (hold(chunk.length())) {
                size += chunk.length();
                chunks.add(chunk);
            }
        }

        /** False when too much is held already, and the request was refused. */
        private boolean hold(int bytes) {
            long all = held.addAndGet(bytes);
            holding += bytes;
            boolean others = all > holding;
            if (all > heldMax && others) {
                refuse(new PerennialException(
                        ErrorCode.UNAVAILABLE,
                        "requests of more than " + heldMax + " bytes are under way; try again",
                        "body",
                        null));
                return false;
            }
            return true;
        }

        private void letGo() {
            gone = true;
            held.addAndGet(-holding);
            holding = 0;
        }

        private void whole() {
            if (done) {
                return;
            }
            done = true;
            byte[] body = joined();
            chunks.clear();
            if (coding == Coding.IDENTITY) {
                then.accept(body);
            } else if (body.length <= INFLATED_INLINE_MAX) {
                inflate(body);
            } else {
                Objects.requireNonNull(Vertx.currentContext())
                        .executeBlocking(() -> coding.inflated(body, bytesMax), false)
                        .onComplete(
                                this::inflated,
                                e -> refused.accept(
                                        e instanceof PerennialException known
                                                ? known
                                                : PerennialException.internal("inflating a body failed", e)));
            }
        }

        private void inflate(byte[] body) {
            byte[] inflated;
            try {
                inflated = coding.inflated(body, bytesMax);
            } catch (PerennialException e) {
                refused.accept(e);
                return;
            }
            inflated(inflated);
        }

        private void inflated(byte[] body) {
            if (gone) {
                return;
            }
            done = false; // for a refusal
            if (hold(body.length)) {
                done = true;
                then.accept(body);
            }
        }

        private byte[] joined() {
            if (chunks.size() == 1) {
                return chunks.getFirst().getBytes();
            }
            byte[] all = new byte[size];
            int at = 0;
            for (Buffer chunk : chunks) {
                chunk.getBytes(all, at);
                at += chunk.length();
            }
            return all;
        }

        private void refuse(PerennialException e) {
            if (!done) {
                done = true;
                chunks.clear();
                refused.accept(e);
            }
        }
    }
}
