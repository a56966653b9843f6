/** The worker program: runs the heavy steps of one pipeline run and reports to the server. Start at {@link dev.perennial.worker.StepHandler}. */
@NullMarked
package dev.perennial.worker;

import org.jspecify.annotations.NullMarked;
