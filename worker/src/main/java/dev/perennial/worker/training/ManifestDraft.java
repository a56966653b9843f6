package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.Train;

/** What a trained model says about itself beside its trees. */
record ManifestDraft(JsonNode parameters, Train train, long seed, TrainingClip clip, TrainingSet set) {

    ObjectNode manifest(Encoding encoding) {
        ObjectNode manifest = Json.object();
        manifest.put("format", "xgboost-json");
        manifest.set("signature", Json.tree(encoding.features()));
        manifest.set("categories", Json.tree(encoding.categories()));
        manifest.put("prior", set.prior());
        manifest.put("seed", seed);
        manifest.set("parameters", Json.tree(train.parameters()));
        manifest.put("snapshot", parameters.path("snapshot").asText(null));
        manifest.put("trainedLabelKnownBy", set.seenUntil(clip));
        ObjectNode days = manifest.putObject("trainedDays");
        days.put("first", set.rows().date(set.chosen()[0]).toString());
        days.put("last", set.rows().date(set.chosen()[set.size() - 1]).toString());
        manifest.put("rows", set.size());
        return manifest;
    }
}
