/**
 * Scoring of whole files: jobs, who may see them, and what becomes of their results. Start at {@link
 * dev.perennial.scorings.Scorings}; the work itself is the step {@code score} of a worker.
 */
@NullMarked
package dev.perennial.scorings;

import org.jspecify.annotations.NullMarked;
