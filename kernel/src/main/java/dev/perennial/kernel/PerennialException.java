package dev.perennial.kernel;

import org.jspecify.annotations.Nullable;

/**
 * The one error type of the product. The message names the offending value, what was expected and what to do; {@link #field()} names
 * the input field where there is one.
 */
public final class PerennialException extends RuntimeException {
    private final ErrorCode code;
    private final @Nullable String field;

    public PerennialException(ErrorCode code, String message) {
        this(code, message, null, null);
    }

    public PerennialException(ErrorCode code, String message, @Nullable String field, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.field = field;
    }

    public static PerennialException invalid(String field, String message) {
        return new PerennialException(ErrorCode.INVALID_ARGUMENT, message, field, null);
    }

    public static PerennialException notFound(String what) {
        return new PerennialException(ErrorCode.NOT_FOUND, what);
    }

    public static PerennialException conflict(String message) {
        return new PerennialException(ErrorCode.CONFLICT, message);
    }

    public static PerennialException state(String message) {
        return new PerennialException(ErrorCode.INVALID_STATE, message);
    }

    public static PerennialException internal(String message, Throwable cause) {
        return new PerennialException(ErrorCode.INTERNAL, message, null, cause);
    }

    public ErrorCode code() {
        return code;
    }

    public @Nullable String field() {
        return field;
    }
}
