package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.data.SnapshotManifest;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.AppliedLifecycle;
import dev.perennial.lifecycle.Decision;
import dev.perennial.lifecycle.LoopState;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.RunView;
import dev.perennial.registry.ModelVersion;
import dev.perennial.registry.Registry;
import dev.perennial.rollout.RolloutStep;
import dev.perennial.server.access.ApiRights;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** What people see of models, as JSON: read only, gathered from the rooms. */
final class ModelViews {
    private static final Pattern DECISION_ID = Pattern.compile("[0-9a-f-]{1,64}");
    private static final List<String> MADE = List.of("values", "files");
    private static final List<String> EVIDENCE =
            List.of("evaluation", "gates", "validation", "training", "admission", "skew", "signature");

    private final Rooms rooms;
    private final ApiRights rights;

    ModelViews(Rooms rooms, ApiRights rights) {
        this.rooms = rooms;
        this.rights = rights;
    }

    <T> ObjectNode page(Page<T> page, Function<T, JsonNode> item) {
        ObjectNode body = Json.object();
        ArrayNode items = body.putArray("items");
        page.items().forEach(one -> items.add(item.apply(one)));
        body.put("next", page.next().orElse(null));
        return body;
    }

    JsonNode models(PageRequest page) {
        return page(
                rights.readable(
                        page,
                        rooms.lifecycle().lifecycles()::page,
                        applied -> applied.model().toString()),
                this::summary);
    }

    JsonNode model(ModelId model) {
        AppliedLifecycle applied = rooms.lifecycle().lifecycles().get(model);
        ObjectNode body = summary(applied);
        body.put("lifecycle", applied.text())
                .put("digest", applied.digest().hex())
                .put("revision", applied.revision());
        body.put("timeZone", applied.file().timeZone());
        body.set("variants", Json.tree(rooms.endpoints().variants(model)));
        LoopState state = rooms.lifecycle().state(model);
        LoopState.Rolling rolling = state.rollout();
        if (rolling != null) {
            ObjectNode rollout =
                    body.putObject("rollout").put("version", rolling.version()).put("champion", rolling.champion());
            rollout.set("state", Json.tree(rolling.state()));
            rollout.set("steps", Json.tree(RolloutStep.of(rolling.plan(applied.file()))));
        }
        body.put("review", state.review())
                .put("paused", state.paused())
                .put("attempt", state.attempt() == null ? null : state.attempt().run());
        return body;
    }

    JsonNode versions(ModelId model, PageRequest page) {
        rooms.lifecycle().lifecycles().get(model);
        return page(rooms.registry().versions(model, page), this::version);
    }

    JsonNode version(ModelId model, int number) {
        ModelVersion version = rooms.registry().version(new VersionId(model, number));
        ObjectNode body = version(version);
        ObjectNode evidence = body.putObject("evidence");
        EVIDENCE.forEach(
                kind -> rooms.registry().evidence(version.id(), kind).ifPresent(found -> evidence.set(kind, found)));
        body.set("manifestBody", Json.parse(rooms.blobs().bytes(version.manifest())));
        body.set("verdicts", evidence.path("gates").path("verdicts"));
        ObjectNode lineage = body.putObject("lineage")
                .put("run", version.run())
                .put("lifecycle", version.lifecycle().hex());
        Digest snapshot = version.snapshot();
        lineage.put("snapshot", snapshot == null ? null : snapshot.hex());
        lineage.set("contract", evidence.path("validation"));
        lineage.set("signature", evidence.path("signature"));
        AppliedLifecycle applied = rooms.lifecycle().lifecycles().get(model);
        body.putObject("card")
                .put("title", applied.file().title())
                .put("owner", applied.file().owner())
                .put("risk", applied.file().risk().name())
                .put("predicts", applied.file().predict().label());
        return body;
    }

    /** One item for each version that was trained here: two versions of one snapshot are two items. */
    JsonNode snapshots(ModelId model, PageRequest page) {
        rooms.lifecycle().lifecycles().get(model);
        return page(rooms.registry().versions(model, page), version -> {
            ObjectNode item = Json.object().put("version", version.id().number());
            Digest snapshot = version.snapshot();
            item.put("digest", snapshot == null ? null : snapshot.hex());
            if (snapshot != null && rooms.blobs().has(snapshot)) {
                SnapshotManifest manifest =
                        Json.convert(Json.parse(rooms.blobs().bytes(snapshot)), SnapshotManifest.class);
                item.put("asOf", manifest.asOf()).put("rows", manifest.rows()).put("labelled", manifest.labelled());
                item.put("parts", manifest.parts().size());
                item.set("days", Json.tree(manifest.days()));
            }
            return item;
        });
    }

    JsonNode decisions(ModelId model, Optional<String> kind, PageRequest page) {
        rooms.lifecycle().lifecycles().get(model);
        Optional<Decision.Kind> wanted = kind.map(text -> {
            try {
                return Decision.Kind.valueOf(text.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw PerennialException.invalid(
                        "kind", "decision kind '" + text + "' is none of " + List.of(Decision.Kind.values()));
            }
        });
        return page(rooms.lifecycle().decisions().page(model, wanted, page), decision -> {
            ObjectNode item = (ObjectNode) Json.tree(decision);
            item.remove("evidence");
            return item;
        });
    }

    JsonNode decision(ModelId model, String id) {
        rooms.lifecycle().lifecycles().get(model);
        return Json.tree(Optional.of(id)
                .filter(DECISION_ID.asMatchPredicate())
                .flatMap(known -> rooms.lifecycle().decisions().find(model, known))
                .orElseThrow(() -> PerennialException.notFound("model '" + model + "' has no decision '" + id
                        + "'; 'perennial decisions " + model + "' lists them")));
    }

    JsonNode runs(Optional<String> model, PageRequest page) {
        return page(rights.readable(page, next -> rooms.engine().list(model, next), RunView::subject), run -> {
            ObjectNode item = (ObjectNode) Json.tree(run);
            item.remove("parameters");
            item.path("steps").forEach(step -> ((ObjectNode) step).remove(MADE));
            return item;
        });
    }

    JsonNode run(RunId run) {
        return Json.tree(rooms.engine()
                .find(run)
                .orElseThrow(() -> PerennialException.notFound(
                        "no pipeline run '" + run + "'; 'perennial pipelines' lists them")));
    }

    JsonNode why(ModelId model) {
        AppliedLifecycle applied = rooms.lifecycle().lifecycles().get(model);
        ObjectNode body = Json.object();
        ArrayNode sentences = body.putArray("sentences");
        for (Decision decision : rooms.lifecycle().decisions().all(model)) {
            LocalDate day = Instant.ofEpochMilli(decision.at())
                    .atZone(applied.file().zone())
                    .toLocalDate();
            sentences.add(day + " " + decision.title() + ". " + decision.text());
        }
        return body;
    }

    JsonNode performance(ModelId model, int windowDays) {
        AppliedLifecycle applied = rooms.lifecycle().lifecycles().get(model);
        if (windowDays < 1 || windowDays > 366) {
            throw PerennialException.invalid(
                    "windowDays", "a window of " + windowDays + " days is not between 1 and 366");
        }
        ObjectNode body = Json.object();
        ArrayNode points = body.putArray("points");
        rooms.performances()
                .all(model, windowDays, applied.file().gates().labelCoverage())
                .forEach(point -> points.add(PerformanceJson.of(point.performance())));
        return body;
    }

    JsonNode timeline(ModelId model) {
        AppliedLifecycle applied = rooms.lifecycle().lifecycles().get(model);
        int windowDays = applied.file().monitor().performance().windowDays();
        ObjectNode body = new Timeline(
                        rooms.lifecycle().decisions().all(model),
                        rooms.performances()
                                .all(model, windowDays, applied.file().gates().labelCoverage()),
                        rooms.lifecycle().lifecycles().clock(model))
                .body();
        return body.put("windowDays", windowDays);
    }

    private ObjectNode summary(AppliedLifecycle applied) {
        ModelId model = applied.model();
        LoopState state = rooms.lifecycle().state(model);
        ObjectNode body = Json.object()
                .put("model", model.toString())
                .put("name", model.name())
                .put("scope", model.scope())
                .put("title", applied.file().title())
                .put("owner", applied.file().owner())
                .put("risk", applied.file().risk().name())
                .put("state", stateName(model, state))
                .put("clock", rooms.lifecycle().lifecycles().clock(model))
                .put("records", rooms.predictions().count(model))
                .put("labels", rooms.labels().count(model));
        body.put("openAlerts", rooms.alerts().openCount(model));
        body.put("champion", rooms.registry().alias(model, Registry.CHAMPION).orElse(null));
        body.put("candidate", state.rollout() == null ? null : state.rollout().version());
        rooms
                .lifecycle()
                .decisions()
                .page(model, Optional.empty(), new PageRequest(1, Optional.empty()))
                .items()
                .stream()
                .findFirst()
                .ifPresent(
                        decision -> body.put("lastDecision", decision.title()).put("lastDecisionAt", decision.at()));
        body.put("windowDays", applied.file().monitor().performance().windowDays());
        rooms.performances()
                .newest(
                        model,
                        applied.file().monitor().performance().windowDays(),
                        applied.file().gates().labelCoverage())
                .ifPresent(point -> body.set("performance", PerformanceJson.of(point.performance())));
        return body;
    }

    private String stateName(ModelId model, LoopState state) {
        if (state.paused()) {
            return "PAUSED";
        }
        if (state.rollout() != null) {
            return state.rollout().state().phase().name();
        }
        if (state.attempt() != null) {
            return "TRAINING";
        }
        return rooms.registry().alias(model, Registry.CHAMPION).isPresent() ? "SERVING" : "NEW";
    }

    private ObjectNode version(ModelVersion version) {
        ObjectNode body = (ObjectNode) Json.tree(version);
        body.put("version", version.id().number())
                .put("model", version.id().model().toString());
        return body;
    }
}
