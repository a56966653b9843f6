package dev.perennial.lifecycle;

import dev.perennial.gates.GateContext;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.monitoring.atoms.ContractFinding;
import dev.perennial.pipelines.PipelineEngine;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.RunState;
import dev.perennial.pipelines.RunView;
import dev.perennial.store.Database;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the served rows of closed days compared with what the sources say, whether or not a candidate is tried. A candidate's own run
 * compares too, and what it compared counts. What differs is an alert of the next looks; the loop's clock waits for a comparison that is
 * under way, so that alerts do not depend on how quick a worker was.
 */
final class SkewDesk {
    static final String PIPELINE = "skew";

    /** Days of one run: what is left after a long rest is compared by the next ones. */
    static final int DAYS_MAX = 31;

    private static final Logger LOG = LoggerFactory.getLogger(SkewDesk.class);

    private final Database database;
    private final PipelineEngine engine;
    private final LoopStates states;
    private final ServedRows served;
    private final SkewDays days;

    SkewDesk(Database database, PipelineEngine engine, LoopStates states, ServedRows served, SkewDays days) {
        this.database = database;
        this.engine = engine;
        this.states = states;
        this.served = served;
        this.days = days;
    }

    /**
     * Starts a comparison when as many closed days wait for one as the file says, and neither a candidate's run nor another comparison is
     * under way.
     *
     * @param first the model's first day
     * @param last the newest closed day
     */
    void look(AppliedLifecycle applied, LocalDate first, LocalDate last, long at) {
        ModelId model = applied.model();
        LoopStates.Stored stored = states.get(model);
        if (stored.state().attempt() != null || stored.state().comparing() != null) {
            return;
        }
        List<LocalDate> open = days.open(model, first, last);
        if (open.isEmpty() || open.size() < applied.file().monitor().skewEveryDays()) {
            return;
        }
        LocalDate from = open.getFirst();
        LocalDate to = open.get(Math.min(open.size(), DAYS_MAX) - 1);
        Optional<ServedRows.Logged> logged =
                served.between(model, start(applied.file(), from), start(applied.file(), to.plusDays(1)));
        if (logged.isEmpty()) {
            database.writing(tx -> days.keep(tx, model, from, to, at, Optional.empty(), Json.array()));
            return;
        }
        RunId run = engine.start(
                PipelineSpec.of(PIPELINE, CandidatePipeline.skew(applied.file(), at, logged.get())),
                model + "/skew/" + at,
                Json.object(),
                model.toString(),
                "closed days");
        LoopState.Comparing comparing = new LoopState.Comparing(run.text(), from.toString(), to.toString(), at);
        database.writing(tx -> states.save(tx, model, stored, stored.state().withComparing(comparing)));
    }

    /** Columns of the newest compared day that were served otherwise than the sources say. */
    List<ContractFinding> findings(ModelId model) {
        return days.newest(model).map(SkewDesk::differing).orElse(List.of());
    }

    private static List<ContractFinding> differing(SkewDays.Day day) {
        List<ContractFinding> findings = new ArrayList<>();
        day.columns().properties().forEach(column -> {
            long rows = column.getValue().path("rows").asLong();
            long differing = column.getValue().path("differing").asLong();
            if (new GateContext.Skew(column.getKey(), rows, differing).shown()) {
                findings.add(new ContractFinding(
                        ContractFinding.Kind.SKEW,
                        null,
                        column.getKey(),
                        day.day(),
                        ContractFinding.Severity.WARNING,
                        differing,
                        rows,
                        String.format(
                                Locale.ROOT,
                                "%s: %d of %d served values of %s are not what the sources give now (%.1f %%)",
                                column.getKey(),
                                differing,
                                rows,
                                day.day(),
                                100.0 * differing / rows)));
            }
        });
        return findings;
    }

    /** Keeps what a comparison found that has ended; false when none has. One that failed is tried again at the next tick. */
    boolean conclude(AppliedLifecycle applied, LoopStates.Stored stored) {
        LoopState.Comparing comparing = stored.state().comparing();
        if (comparing == null) {
            return false;
        }
        Optional<RunView> run = engine.find(new RunId(comparing.run()));
        if (run.isEmpty() || !run.get().state().terminal()) {
            return false;
        }
        boolean succeeded = run.get().state() == RunState.SUCCEEDED;
        if (!succeeded) {
            LOG.warn(
                    "model={} run={} could not compare served rows: {}",
                    applied.model(),
                    comparing.run(),
                    run.get().failure());
        }
        database.writing(tx -> {
            if (succeeded) {
                days.keep(
                        tx,
                        applied.model(),
                        LocalDate.parse(comparing.first()),
                        LocalDate.parse(comparing.last()),
                        comparing.at(),
                        Optional.of(comparing.run()),
                        RunOutputs.value(run.get(), CandidatePipeline.SKEW, "days"));
            }
            states.save(tx, applied.model(), stored, stored.state().withComparing(null));
        });
        return true;
    }

    /** The first moment of a local day. */
    static long start(LifecycleFile file, LocalDate day) {
        return day.atStartOfDay(file.zone()).toInstant().toEpochMilli();
    }
}
