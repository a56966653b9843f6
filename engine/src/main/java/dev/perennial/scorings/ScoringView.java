package dev.perennial.scorings;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import org.jspecify.annotations.Nullable;

/**
 * A job as it stands.
 *
 * @param share how much is done, 0 to 1
 * @param line what it is doing, or why it failed
 * @param run the pipeline run of the newest attempt; null before the first
 * @param rows of the result; null before the end
 * @param errors rows without a result; null before the end
 * @param endedAt 0 before the end
 */
public record ScoringView(
        ScoringJob job,
        State state,
        double share,
        String line,
        @Nullable String run,
        @Nullable Long rows,
        @Nullable Long errors,
        @Nullable Long bytes,
        long endedAt) {
    /** States of a job. */
    public enum State {
        /** The file has not been sent yet. */
        WAITING,
        RUNNING,
        CANCELLING,
        DONE,
        FAILED,
        CANCELLED;

        public boolean ended() {
            return this == DONE || this == FAILED || this == CANCELLED;
        }
    }

    /** As the API gives it. */
    public ObjectNode json() {
        return Json.object()
                .put("id", job.id())
                .put("state", state.name())
                .put("target", job.target())
                .put("version", job.pinned().version())
                .put("by", job.by())
                .put("name", job.name())
                .put("input", job.input())
                .put("format", job.format().toString())
                .put("resultFormat", job.resultFormat().toString())
                .put("output", job.output())
                .put("resultName", job.resultName())
                .put("attempt", job.attempt())
                .put("run", run)
                .put("share", share)
                .put("line", line)
                .put("rows", rows)
                .put("errors", errors)
                .put("bytes", bytes)
                .put("createdAt", job.createdAt())
                .put("endedAt", endedAt);
    }

    /** The same with what was found when the model was looked at for it. */
    public ObjectNode detail() {
        ObjectNode shown = json();
        shown.set("admission", job.admission());
        return shown;
    }
}
