/** Endpoints, variants and the routing between them. Start at {@link dev.perennial.scorer.serving.Router}. */
@NullMarked
package dev.perennial.scorer.serving;

import org.jspecify.annotations.NullMarked;
