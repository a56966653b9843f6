package dev.perennial.kernel;

/**
 * The closed list of ways in which a call can fail. One code fixes the HTTP status, the {@code error_code} that MLflow clients
 * understand, and whether the same call may succeed later.
 */
public enum ErrorCode {
    INVALID_ARGUMENT(400, "INVALID_PARAMETER_VALUE", false),
    MALFORMED_REQUEST(400, "MALFORMED_REQUEST", false),
    UNAUTHENTICATED(401, "UNAUTHENTICATED", false),
    PERMISSION_DENIED(403, "PERMISSION_DENIED", false),
    NOT_FOUND(404, "RESOURCE_DOES_NOT_EXIST", false),
    ENDPOINT_NOT_FOUND(404, "ENDPOINT_NOT_FOUND", false),
    METHOD_NOT_ALLOWED(405, "BAD_REQUEST", false),
    ALREADY_EXISTS(400, "RESOURCE_ALREADY_EXISTS", false),
    INVALID_STATE(400, "INVALID_STATE", false),
    CONFLICT(409, "RESOURCE_CONFLICT", false),
    TOO_LARGE(413, "INVALID_PARAMETER_VALUE", false),
    UNSUPPORTED_MEDIA_TYPE(415, "INVALID_PARAMETER_VALUE", false),
    TOO_MANY_REQUESTS(429, "REQUEST_LIMIT_EXCEEDED", true),
    INTERNAL(500, "INTERNAL_ERROR", false),
    NOT_IMPLEMENTED(501, "NOT_IMPLEMENTED", false),
    UNAVAILABLE(503, "TEMPORARILY_UNAVAILABLE", true),
    DEADLINE_EXCEEDED(504, "DEADLINE_EXCEEDED", true),
    STORAGE_FULL(507, "RESOURCE_EXHAUSTED", true);

    private final int httpStatus;
    private final String mlflowCode;
    private final boolean retryable;

    ErrorCode(int httpStatus, String mlflowCode, boolean retryable) {
        this.httpStatus = httpStatus;
        this.mlflowCode = mlflowCode;
        this.retryable = retryable;
    }

    public int httpStatus() {
        return httpStatus;
    }

    /** The name that an MLflow client maps to its own error type. */
    public String mlflowCode() {
        return mlflowCode;
    }

    /** Whether the same call, unchanged, may succeed later. */
    public boolean retryable() {
        return retryable;
    }
}
