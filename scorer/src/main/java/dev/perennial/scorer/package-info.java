/**
 * The scorer: a lean process that serves endpoints, keeps serving when the server is dead, and delivers its prediction log when it is
 * back. The way of a request: {@code http} (parse, answer) to {@code serving} (route, score) to {@code spool} (log, deliver). Start at
 * {@link dev.perennial.scorer.ScorerProcess}.
 */
@NullMarked
package dev.perennial.scorer;

import org.jspecify.annotations.NullMarked;
