package dev.perennial.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.lifecycle.Decision;
import dev.perennial.lifecycle.LifecycleRoom;
import dev.perennial.lifecycle.RolloutBook;

/** Rollouts as the API shows them, whether a lifecycle file or a person began them. */
final class RolloutViews {
    private RolloutViews() {}

    /** Newest first, {@link RolloutBook#LIST_MAX} at most. */
    static ObjectNode list(LifecycleRoom room, ModelId name) {
        ObjectNode body = Json.object();
        ArrayNode items = body.putArray("items");
        room.rollouts().list(name).forEach(entry -> items.add(summary(entry)));
        return body;
    }

    static ObjectNode show(LifecycleRoom room, RolloutBook.Entry entry) {
        ObjectNode body = summary(entry);
        body.set("looks", Json.tree(room.rollouts().looks(entry.id())));
        ArrayNode moves = body.putArray("decisions");
        for (String decision : room.rollouts().decisions(entry.id())) {
            room.decisions().find(entry.model(), decision).ifPresent(found -> moves.add(move(found)));
        }
        return body;
    }

    private static ObjectNode summary(RolloutBook.Entry entry) {
        ObjectNode body = Json.object()
                .put("id", entry.id())
                .put("model", entry.model().toString())
                .put("version", entry.version())
                .put("champion", entry.champion())
                .put("phase", entry.phase().name())
                .put("candidate", entry.candidate() == null ? entry.model() + "/" + entry.version() : entry.candidate())
                .put("replaces", entry.replaces() == null ? entry.model() + "/" + entry.champion() : entry.replaces())
                .put("startedAt", entry.startedAt())
                .put("endedAt", entry.endedAt());
        body.set("plan", Json.tree(entry.plan()));
        return body;
    }

    private static ObjectNode move(Decision decision) {
        return Json.object()
                .put("id", decision.id())
                .put("at", decision.at())
                .put("kind", decision.kind().name())
                .put("verdict", decision.verdict())
                .put("title", decision.title())
                .put("text", decision.text())
                .put("entry", decision.entry());
    }
}
