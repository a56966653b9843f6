/**
 * The durable pipeline engine: runs, steps and attempts that survive the death of every process. Start at
 * {@link dev.perennial.pipelines.PipelineEngine}; worker programs talk to {@link dev.perennial.pipelines.WorkerProtocol}.
 */
@NullMarked
package dev.perennial.pipelines;

import org.jspecify.annotations.NullMarked;
