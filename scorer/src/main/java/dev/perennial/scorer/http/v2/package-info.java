/**
 * The REST form of the Open Inference Protocol with binary tensors, statistics and configuration, and KServe's protocol V1 beside it.
 * Start at {@link dev.perennial.scorer.http.v2.V2Protocol}.
 */
@NullMarked
package dev.perennial.scorer.http.v2;

import org.jspecify.annotations.NullMarked;
