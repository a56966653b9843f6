package dev.perennial.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.StepSpec;
import dev.perennial.registry.ModelVersion;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZonedDateTime;

/**
 * What other policies would have cost on the same rows: the first version for ever, and a model of the last 30 days put live unseen on the
 * first of every month. Computed offline by a worker; only the loop itself is played over HTTP.
 */
public final class Arms {
    public static final String PIPELINE = "arms";
    public static final String NEVER = "never retrained";
    public static final String BLIND = "blind, monthly, last 30 days";

    static final String STEP = "arms";
    private static final int BLIND_DAYS = 30;
    private static final String FIRST = "first";

    private Arms() {}

    /** @param clock known by then: labels published later are left out */
    public static PipelineSpec spec(LifecycleFile file, long from, long clock, ModelVersion first) {
        ObjectNode snapshot = Json.object().put("asOf", clock);
        snapshot.set("lifecycle", Json.tree(file));
        snapshot.set("parts", Json.array());
        ObjectNode blind = Json.object()
                .put("from", from + file.predict().aheadMillis())
                .put("to", clock)
                .put("labelKnownBy", clock);
        blind.set("features", StepSpec.value("snapshot", "features"));
        blind.set("train", Json.tree(file.train()));
        ArrayNode arms = blind.putArray("arms");
        arms.addObject().put("name", NEVER).putArray("models").add(FIRST);
        ObjectNode monthly = arms.addObject().put("name", BLIND);
        monthly.putArray("models").add(FIRST);
        ObjectNode retrain = monthly.putObject("retrain").put("rowsDays", BLIND_DAYS);
        retrain.set("at", firsts(file, from, clock));
        return PipelineSpec.of(
                PIPELINE,
                StepSpec.worker("snapshot", "snapshot").with(snapshot),
                StepSpec.worker(STEP, "blind")
                        .with(blind)
                        .reading("part", StepSpec.files("snapshot"))
                        .reading(FIRST + ".manifest", Json.tree(first.manifest()))
                        .reading(FIRST + ".model", Json.tree(first.file())));
    }

    /** The publication hour of the first of each month after {@code from}. */
    private static JsonNode firsts(LifecycleFile file, long from, long to) {
        ArrayNode firsts = Json.array();
        LocalTime hour = LocalTime.parse(file.retrain().time());
        ZonedDateTime next = Instant.ofEpochMilli(from)
                .atZone(file.zone())
                .toLocalDate()
                .withDayOfMonth(1)
                .plusMonths(1)
                .atTime(hour)
                .atZone(file.zone());
        while (next.toInstant().toEpochMilli() < to) {
            firsts.add(next.toInstant().toEpochMilli());
            next = next.toLocalDate().plusMonths(1).atTime(hour).atZone(file.zone());
        }
        return firsts;
    }
}
