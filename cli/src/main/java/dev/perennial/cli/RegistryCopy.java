package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Copies registered models and prompts, behind runs and logged models: the model, its versions with their numbers, each frozen from the
 * files that are here by then, and at last aliases and the mark that it is complete.
 */
final class RegistryCopy implements AutoCloseable {
    private static final int CHECKED_AT_ONCE = 200;
    private static final int READ_AT_ONCE = 100;
    private static final String READY = "READY";

    private final MlflowSource source;
    private final ImportTarget target;
    private final VersionFiles files;
    private final ImportReport report;
    private final MessageSpool spool = new MessageSpool();
    private final Map<String, JsonNode> models = new LinkedHashMap<>();
    private final Map<String, List<String>> numbers = new LinkedHashMap<>();
    /** What of each model was here before. */
    private final Map<String, JsonNode> came = new HashMap<>();

    RegistryCopy(MlflowSource source, ImportTarget target, VersionFiles files, ImportReport report) {
        this.source = source;
        this.target = target;
        this.files = files;
        this.report = report;
    }

    /** Reads all models and versions and asks for collisions. */
    void look(List<String> collisions) {
        for (boolean prompts : new boolean[] {false, true}) {
            source.registeredModels(prompts, model -> models.put(name(model), model));
            source.versions(prompts, version -> {
                spool.add(version);
                numbers.computeIfAbsent(name(version), name -> new ArrayList<>())
                        .add(version.path("version").asText());
            });
        }
        ObjectNode body = target.asked();
        for (String name : models.keySet()) {
            ArrayNode list = body.withArray("registered_models");
            ObjectNode asked = list.addObject().put("name", name);
            numbers.getOrDefault(name, List.of()).forEach(asked.putArray("versions")::add);
            if (list.size() == CHECKED_AT_ONCE) {
                target.check(body, collisions);
                body = target.asked();
            }
        }
        target.check(body, collisions);
    }

    long found() {
        return models.size();
    }

    private static String name(JsonNode message) {
        return message.path("name").asText();
    }

    void take() {
        Iterator<JsonNode> left = models.values().iterator();
        while (left.hasNext()) {
            List<JsonNode> some = new ArrayList<>();
            while (left.hasNext() && some.size() < READ_AT_ONCE) {
                ObjectNode model = ImportedMessages.plain(left.next());
                model.remove("latest_versions");
                some.add(model);
            }
            target.post("registered-models", target.asked("registered_models", some))
                    .path("registered_models")
                    .forEach(here -> came.put(name(here), here));
        }
        // Versions come by name and number, so those of one model follow one another.
        List<JsonNode> ofOne = new ArrayList<>();
        spool.batches(READ_AT_ONCE, some -> {
            for (JsonNode version : some) {
                if (!ofOne.isEmpty() && !name(ofOne.getFirst()).equals(name(version))) {
                    take(ofOne);
                }
                ofOne.add(version);
            }
        });
        take(ofOne);
        for (JsonNode model : models.values()) {
            if (!numbers.containsKey(name(model))) {
                complete(model, 0, 0, List.of());
            }
        }
    }

    private void take(List<JsonNode> versions) {
        if (versions.isEmpty()) {
            return;
        }
        JsonNode model = models.get(name(versions.getFirst()));
        if (model == null) {
            report.left("versions of '" + name(versions.getFirst()) + "': that model was made while the import looked");
        } else {
            long tags = 0;
            int made = 0;
            for (JsonNode version : versions) {
                tags += version.path("tags").size();
                made += take(version) ? 1 : 0;
            }
            complete(model, tags, made, versions);
        }
        versions.clear();
    }

    /** Takes one version; false when it had come before. */
    private boolean take(JsonNode version) {
        Optional<VersionFiles.Place> place = cameBefore(version) ? Optional.empty() : files.bring(version);
        ObjectNode message = ImportedMessages.plain(version);
        place.ifPresent(there -> there.describe(message));
        ObjectNode body = target.asked("model_versions", List.of(message)).put("name", name(version));
        boolean[] made = {false};
        target.accepted("model-versions", body, report, answer -> {
            JsonNode taken = answer.path("model_versions").path(0);
            made[0] = taken.path("made").asBoolean();
            if (taken.path("note").isTextual()) {
                tell(made[0], version, taken.path("note").asText());
            }
            if (made[0]) {
                place.ifPresent(there -> compare(version, there, taken));
            }
        });
        return made[0];
    }

    private boolean cameBefore(JsonNode version) {
        String number = version.path("version").asText();
        for (JsonNode here : before(name(version)).path("versions")) {
            if (here.asText().equals(number)) {
                return true;
            }
        }
        return false;
    }

    private JsonNode before(String name) {
        return came.getOrDefault(name, MissingNode.getInstance());
    }

    private void tell(boolean made, JsonNode version, String note) {
        if (made) {
            report.differs(title(version) + ": " + note);
        } else {
            report.left(note);
        }
    }

    private static String title(JsonNode version) {
        return "version " + version.path("version").asText() + " of '" + name(version) + "'";
    }

    private void compare(JsonNode version, VersionFiles.Place place, JsonNode taken) {
        if (!version.path("status").asText(READY).equals(READY)) {
            return;
        }
        long frozen = taken.path("files").asLong();
        long bytes = taken.path("bytes").asLong();
        if (frozen != place.files() || bytes != place.bytes()) {
            report.differs(title(version) + ": received were " + place.files() + " files with " + place.bytes()
                    + " bytes, frozen are " + frozen + " with " + bytes);
        }
        report.took("frozen files", frozen);
    }

    private void complete(JsonNode model, long versionTags, int made, List<JsonNode> versions) {
        ObjectNode body = target.asked()
                .put("name", name(model))
                .put(
                        "last_updated_timestamp",
                        model.path("last_updated_timestamp").asLong())
                .put("versions", versions.size())
                .put("version_tags", versionTags)
                .put("tags", model.path("tags").size());
        ArrayNode aliases = body.putArray("aliases");
        model.path("aliases").forEach(aliases::add);
        target.accepted("registered-models/complete", body, report, answer -> {
            answer.path("notes").forEach(note -> report.left(note.asText()));
            boolean again = before(name(model)).path("complete").asBoolean();
            report.took(again ? "registered models that were here already" : "registered models", 1);
            report.took("model versions", made);
            report.took("model versions that were here already", versions.size() - made);
            report.took("aliases", answer.path("aliases").asInt());
        });
    }

    @Override
    public void close() {
        spool.close();
    }
}
