package dev.perennial.lifecycle;

import dev.perennial.kernel.ModelId;
import dev.perennial.serving.FuseReport;
import dev.perennial.serving.FuseReports;
import dev.perennial.store.Database;
import java.util.Optional;

/** Turns a scorer's report of a blown fuse into the stop of a rollout. */
final class FuseDesk {
    private final Database database;
    private final FuseReports reports;
    private final LoopStates states;
    private final RolloutJudging judging;

    FuseDesk(Database database, FuseReports reports, LoopStates states, RolloutJudging judging) {
        this.database = database;
        this.reports = reports;
        this.states = states;
        this.judging = judging;
    }

    boolean pending(ModelId model) {
        return reports.next(model).isPresent();
    }

    /** Handles the oldest unhandled report; false when there is none. */
    boolean handle(AppliedLifecycle applied, LoopStates.Stored stored, long clock) {
        Optional<FuseReport> report = reports.next(applied.model());
        if (report.isEmpty()) {
            return false;
        }
        LoopState.Rolling rolling = stored.state().rollout();
        if (rolling == null || !concerns(report.get(), rolling)) {
            database.writing(tx -> reports.handled(tx, report.get()));
            return true;
        }
        judging.judge(applied, stored, clock, report.get().reason(), tx -> reports.handled(tx, report.get()));
        return true;
    }

    /** A report of an earlier rollout that arrives late says nothing about the one that runs. */
    static boolean concerns(FuseReport report, LoopState.Rolling rolling) {
        return rolling.version() == report.number() && report.in(rolling.id());
    }
}
