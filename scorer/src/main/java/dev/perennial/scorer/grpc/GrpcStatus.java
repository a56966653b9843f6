package dev.perennial.scorer.grpc;

import dev.perennial.kernel.ErrorCode;

/** The status codes of gRPC that are answered here, and which of ours becomes which. */
enum GrpcStatus {
    OK(0),
    CANCELLED(1),
    INVALID_ARGUMENT(3),
    DEADLINE_EXCEEDED(4),
    NOT_FOUND(5),
    ALREADY_EXISTS(6),
    PERMISSION_DENIED(7),
    RESOURCE_EXHAUSTED(8),
    FAILED_PRECONDITION(9),
    ABORTED(10),
    UNIMPLEMENTED(12),
    INTERNAL(13),
    UNAVAILABLE(14),
    UNAUTHENTICATED(16);

    private final int number;
    private final String word;

    GrpcStatus(int number) {
        this.number = number;
        this.word = Integer.toString(number);
    }

    int number() {
        return number;
    }

    /** The number as it stands in the trailer {@code grpc-status}. */
    String word() {
        return word;
    }

    static GrpcStatus of(ErrorCode code) {
        return switch (code) {
            case INVALID_ARGUMENT, MALFORMED_REQUEST -> INVALID_ARGUMENT;
            case UNAUTHENTICATED -> UNAUTHENTICATED;
            case PERMISSION_DENIED -> PERMISSION_DENIED;
            case NOT_FOUND, ENDPOINT_NOT_FOUND -> NOT_FOUND;
            case METHOD_NOT_ALLOWED, UNSUPPORTED_MEDIA_TYPE, NOT_IMPLEMENTED -> UNIMPLEMENTED;
            case ALREADY_EXISTS -> ALREADY_EXISTS;
            case INVALID_STATE -> FAILED_PRECONDITION;
            case CONFLICT -> ABORTED;
            case TOO_LARGE, TOO_MANY_REQUESTS, STORAGE_FULL -> RESOURCE_EXHAUSTED;
            case INTERNAL -> INTERNAL;
            case UNAVAILABLE -> UNAVAILABLE;
            case DEADLINE_EXCEEDED -> DEADLINE_EXCEEDED;
        };
    }
}
