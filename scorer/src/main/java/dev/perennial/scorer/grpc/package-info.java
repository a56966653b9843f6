/** The Open Inference Protocol over gRPC, health and reflection, on the port of the REST protocols: frames and protobuf by hand. */
@NullMarked
package dev.perennial.scorer.grpc;

import org.jspecify.annotations.NullMarked;
