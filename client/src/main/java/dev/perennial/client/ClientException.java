package dev.perennial.client;

import org.jspecify.annotations.Nullable;

/** A call that failed: refused by the server with a code, or never answered. */
public final class ClientException extends RuntimeException {
    /** No server answered. */
    public static final String UNAVAILABLE = "UNAVAILABLE";

    /** What answered is no Perennial server, or a broken one. */
    public static final String UNEXPECTED_ANSWER = "UNEXPECTED_ANSWER";

    private final int status;
    private final String code;
    private final @Nullable String field;

    ClientException(int status, String code, String message, @Nullable String field, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.code = code;
        this.field = field;
    }

    /** HTTP status; 0 when no answer came. */
    public int status() {
        return status;
    }

    /** The server's stable code, for example {@code NOT_FOUND}. */
    public String code() {
        return code;
    }

    /** The offending field of the request, when there is one. */
    public @Nullable String field() {
        return field;
    }

    /** Whether the same call may succeed later. */
    public boolean retryable() {
        return status == 0 || status == 429 || status == 503 || status == 507;
    }
}
