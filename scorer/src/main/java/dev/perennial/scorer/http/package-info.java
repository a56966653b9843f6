/** The public side: plain JSON records, Open Inference, health and metrics. Start at {@link dev.perennial.scorer.http.Front}. */
@NullMarked
package dev.perennial.scorer.http;

import org.jspecify.annotations.NullMarked;
