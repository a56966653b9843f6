package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.Train;
import dev.perennial.scoring.ModelManifest;

/** What a trained model says about itself beside its trees. */
record ManifestDraft(JsonNode parameters, Train train, long seed, TrainingClip clip, TrainingSet set) {

    /** The manifest of a model of the built-in trainer. */
    ObjectNode manifest(Encoding encoding) {
        ObjectNode manifest = Json.object();
        manifest.put("format", ModelManifest.XGBOOST_JSON);
        manifest.set("signature", Json.tree(encoding.features()));
        manifest.set("categories", Json.tree(encoding.categories()));
        manifest.set("parameters", Json.tree(train.parameters()));
        return add(manifest);
    }

    /** What a user's program wrote, with what the platform knows better. */
    ObjectNode completed(JsonNode written) {
        if (!(written instanceof ObjectNode manifest)) {
            throw PerennialException.invalid(
                    "manifest", "the manifest is " + written.getNodeType() + ", expected a JSON object");
        }
        manifest.remove("inputExample");
        manifest.remove("outputExample");
        return add(manifest);
    }

    private ObjectNode add(ObjectNode manifest) {
        manifest.put("prior", set.prior());
        manifest.put("seed", seed);
        manifest.put("snapshot", parameters.path("snapshot").asText(null));
        manifest.put("trainedLabelKnownBy", set.seenUntil(clip));
        ObjectNode days = manifest.putObject("trainedDays");
        days.put("first", set.rows().date(set.chosen()[0]).toString());
        days.put("last", set.rows().date(set.chosen()[set.size() - 1]).toString());
        manifest.put("rows", set.size());
        ObjectNode environment = manifest.putObject("environment");
        environment
                .put("java", Runtime.version().feature())
                .put("os", System.getProperty("os.name"))
                .put("arch", System.getProperty("os.arch"));
        environment.put(
                "trainer", train.command() == null ? XgboostLibrary.version() : String.join(" ", train.command()));
        return manifest;
    }
}
