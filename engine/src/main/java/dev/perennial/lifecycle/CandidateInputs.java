package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.data.Profile;
import dev.perennial.gates.Evaluation;
import dev.perennial.gates.GateContext;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.file.ContractRule;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.monitoring.References;
import dev.perennial.monitoring.atoms.Reference;
import dev.perennial.monitoring.atoms.ServedRules;
import dev.perennial.pipelines.RunView;
import dev.perennial.registry.ModelVersion;
import dev.perennial.registry.Registry;
import dev.perennial.store.BlobStore;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Gathers what a candidate's pipeline needs, and reads what it gave. */
final class CandidateInputs {
    /** Closed days whose served rows a candidate's run compares, beside the open one. */
    static final int COMPARED_DAYS = 7;

    private final Database database;
    private final BlobStore blobs;
    private final Registry registry;
    private final ServedRows served;
    private final References references;
    private final SkewDays compared;

    CandidateInputs(
            Database database,
            BlobStore blobs,
            Registry registry,
            ServedRows served,
            References references,
            SkewDays compared) {
        this.database = database;
        this.blobs = blobs;
        this.registry = registry;
        this.served = served;
        this.references = references;
        this.compared = compared;
    }

    CandidatePipeline.Order order(AppliedLifecycle applied, LifecycleFile file, long at, Optional<Proposal> proposal) {
        ModelId model = applied.model();
        return new CandidatePipeline.Order(
                file,
                applied.file(),
                at,
                reused(model, features(file)),
                champion(model).map(CandidateInputs::opponent),
                proposal.flatMap(CandidateInputs::outside),
                served.between(
                        model, SkewDesk.start(file, file.calendar().day(at).minusDays(COMPARED_DAYS)), at),
                references
                        .find(model)
                        .map(anchored -> KnownValues.of(file, anchored.reference()))
                        .orElse(Json.object()));
    }

    CandidatePipeline.ModelFiles files(RunView run, Optional<Proposal> proposal) {
        return proposal.flatMap(CandidateInputs::outside).orElseGet(() -> {
            return new CandidatePipeline.ModelFiles(
                    RunOutputs.file(run, CandidatePipeline.TRAIN, "manifest"),
                    RunOutputs.file(run, CandidatePipeline.TRAIN, "model"));
        });
    }

    /** Remembers the parts of a snapshot, so that the next one computes new weeks only. */
    void keepParts(Transaction tx, ModelId model, LifecycleFile file, RunView run) {
        RunView.Step step = run.step(CandidatePipeline.SNAPSHOT);
        ObjectNode body = Json.object();
        body.set("parts", step.values().get("parts"));
        body.set("files", Json.tree(step.files()));
        tx.sql()
                .createUpdate("insert into snapshot_parts (model, features, body) values (:model, :features, :body)"
                        + " on conflict (model, features) do update set body = excluded.body")
                .bind("model", model.toString())
                .bind("features", features(file))
                .bind("body", Json.canonical(body))
                .execute();
    }

    /** Freezes the snapshot of the first champion as what served rows are compared with. */
    void anchor(Transaction tx, AppliedLifecycle applied, long at, RunView run) {
        Profile profile = Json.convert(
                Json.parse(blobs.bytes(RunOutputs.file(run, CandidatePipeline.SNAPSHOT, "profile.json"))),
                Profile.class);
        JsonNode days = RunOutputs.value(run, CandidatePipeline.SNAPSHOT, "days");
        int span = days.isEmpty()
                ? 0
                : (int) (LocalDate.parse(days.get(days.size() - 1).get("day").asText())
                                .toEpochDay()
                        - LocalDate.parse(days.get(0).get("day").asText()).toEpochDay()
                        + 1);
        String snapshot =
                RunOutputs.value(run, CandidatePipeline.SNAPSHOT, "manifest").asText();
        references.anchor(
                tx,
                applied.model(),
                at,
                new Reference(snapshot, profile, days.size(), span),
                ServedRules.of(applied.file()));
    }

    GateContext context(AppliedLifecycle applied, LifecycleFile file, RunView run, Optional<Proposal> proposal) {
        Long declared = proposal.map(Proposal::declaredUntil).orElse(null);
        return new GateContext(
                declared,
                championDeclared(applied.model()),
                validation(RunOutputs.value(run, CandidatePipeline.VALIDATE, "report")),
                serving(file, files(run, proposal), skew(run)));
    }

    Optional<JsonNode> skew(RunView run) {
        return run.steps().stream()
                .filter(step -> step.path().equals(CandidatePipeline.SKEW))
                .findFirst()
                .map(step -> Json.tree(step.values()));
    }

    /** Remembers the closed days whose served rows a candidate's run compared. */
    void keepCompared(Transaction tx, ModelId model, LifecycleFile file, long at, RunView run, JsonNode skew) {
        LocalDate today = file.calendar().day(at);
        LocalDate last = today.minusDays(file.calendar().closed(today.minusDays(1), at) ? 1 : 2);
        compared.keep(
                tx,
                model,
                today.minusDays(COMPARED_DAYS),
                last,
                at,
                Optional.of(run.run().text()),
                skew.path("days"));
    }

    /** The local date of a moment, for people. */
    static String day(LifecycleFile file, long at) {
        return Instant.ofEpochMilli(at).atZone(file.zone()).toLocalDate().toString();
    }

    /** A version's figures on its holdout. */
    static JsonNode metrics(Evaluation evaluation) {
        double loss = 0;
        double brier = 0;
        long rows = 0;
        for (Evaluation.Cluster cluster : evaluation.clusters()) {
            loss += cluster.candidate().logLoss();
            brier += cluster.candidate().brier();
            rows += cluster.labelled();
        }
        ObjectNode metrics = Json.object().put("rows", rows);
        if (rows > 0) {
            metrics.put("log_loss", loss / rows).put("brier", brier / rows);
        }
        return metrics;
    }

    private CandidatePipeline.Reused reused(ModelId model, String features) {
        return database.read(
                sql -> sql.createQuery("select body from snapshot_parts where model = :model and features = :features")
                        .bind("model", model.toString())
                        .bind("features", features)
                        .mapTo(String.class)
                        .findOne()
                        .map(Json::parse)
                        .map(body -> new CandidatePipeline.Reused(body.get("parts"), body.get("files")))
                        .orElse(CandidatePipeline.Reused.NOTHING));
    }

    /** Two files with this in common compute the same feature rows. */
    static String features(LifecycleFile file) {
        ObjectNode body = Json.object();
        body.set("features", Json.tree(file.features()));
        body.set("sources", Json.tree(file.sources()));
        body.set("predict", Json.tree(file.predict()));
        body.set("contract", Json.tree(file.contract()));
        body.put("zone", file.timeZone());
        return Json.digest(body).hex();
    }

    private Optional<ModelVersion> champion(ModelId model) {
        return registry.alias(model, Registry.CHAMPION).flatMap(number -> registry.find(new VersionId(model, number)));
    }

    /**
     * Until when somebody said that a champion from outside was trained; null for one of our own, whose manifest proves it. It stays unproven
     * for as long as it is champion, so that every comparison with it is REVIEW until a version trained here takes its place. Of a version
     * whose declaration was not kept, its registration is taken: it cannot have seen what became known after.
     */
    private @Nullable Long championDeclared(ModelId model) {
        return champion(model)
                .filter(version -> !proven(version))
                .map(version -> registry.evidence(version.id(), CandidateDesk.DECLARED)
                        .map(body -> body.path("until").asLong())
                        .orElse(version.eventTime()))
                .orElse(null);
    }

    private static boolean proven(ModelVersion version) {
        return version.source() == ModelVersion.Source.TRAINED;
    }

    private static CandidatePipeline.Opponent opponent(ModelVersion version) {
        return new CandidatePipeline.Opponent(
                new CandidatePipeline.ModelFiles(version.manifest(), version.file()), proven(version));
    }

    private GateContext.ServingContract serving(
            LifecycleFile file, CandidatePipeline.ModelFiles files, Optional<JsonNode> skew) {
        List<String> missing = new ArrayList<>(served.signature(files.manifest()));
        missing.removeAll(file.featureNames());
        return new GateContext.ServingContract(
                missing, List.of(), skew.map(CandidateInputs::skewed).orElse(List.of()));
    }

    private static List<GateContext.Skew> skewed(JsonNode values) {
        java.util.TreeMap<String, long[]> sums = new java.util.TreeMap<>();
        values.path("days")
                .forEach(day -> day.path("columns").properties().forEach(column -> {
                    long[] sum = sums.computeIfAbsent(column.getKey(), name -> new long[2]);
                    sum[0] += column.getValue().path("rows").asLong();
                    sum[1] += column.getValue().path("differing").asLong();
                }));
        return sums.entrySet().stream()
                .map(entry -> new GateContext.Skew(entry.getKey(), entry.getValue()[0], entry.getValue()[1]))
                .toList();
    }

    private static GateContext.DataValidation validation(JsonNode report) {
        List<String> blocking = new ArrayList<>();
        List<String> remedied = new ArrayList<>();
        ArrayNode constraints = report.withArray("constraints");
        constraints.forEach(constraint -> {
            if ("FAIL".equals(constraint.path("status").asText())) {
                String text = constraint.path("target").asText() + " "
                        + constraint.path("rule").asText() + ": "
                        + constraint.path("failed").asLong() + " of "
                        + constraint.path("checked").asLong();
                boolean broken = "type".equals(constraint.path("rule").asText())
                        || "unique".equals(constraint.path("rule").asText());
                (broken
                                        && ContractRule.OnBreach.warn
                                                .name()
                                                .equals(constraint
                                                        .path("onBreach")
                                                        .asText())
                                ? blocking
                                : remedied)
                        .add(text);
            }
        });
        return new GateContext.DataValidation(constraints.size(), blocking, remedied);
    }

    private static Optional<CandidatePipeline.ModelFiles> outside(Proposal proposal) {
        return proposal.manifest() == null || proposal.model() == null
                ? Optional.empty()
                : Optional.of(new CandidatePipeline.ModelFiles(
                        new Digest(proposal.manifest()), new Digest(proposal.model())));
    }
}
