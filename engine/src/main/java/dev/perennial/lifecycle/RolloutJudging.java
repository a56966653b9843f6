package dev.perennial.lifecycle;

import dev.perennial.gates.Evaluation;
import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.ModelCalendar;
import dev.perennial.monitoring.DayBook;
import dev.perennial.monitoring.DayResult;
import dev.perennial.registry.Registry;
import dev.perennial.rollout.Learnt;
import dev.perennial.rollout.Look;
import dev.perennial.rollout.RolloutDecision;
import dev.perennial.rollout.RolloutEvidence;
import dev.perennial.rollout.RolloutLimits;
import dev.perennial.rollout.RolloutPlan;
import dev.perennial.rollout.RolloutReplay;
import dev.perennial.serving.FuseReports;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.LocalDate;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Judges a running rollout on its closed days and carries the decision out, in one transaction. The open day is not looked at: a decision is
 * a function of days whose outcomes are due, so that a disturbed story ends like an undisturbed one. What cannot wait for the next morning
 * is the scorer's affair: it takes the traffic back by itself when calls fail, and each failed call is answered by the champion. Until the
 * first closed day a score that is merely wrong reaches the share of its step: nobody in a shadow.
 */
final class RolloutJudging {
    /** Days before a rollout that are looked at for how much times swing. */
    private static final int DAYS_BEFORE = 28;

    private final Database database;
    private final DayBook days;
    private final Registry registry;
    private final Decisions decisions;
    private final LoopStates states;
    private final RolloutDesk desk;
    private final RolloutBook book;
    private final FuseReports fuses;

    RolloutJudging(
            Database database,
            DayBook days,
            Registry registry,
            Decisions decisions,
            LoopStates states,
            RolloutDesk desk,
            RolloutBook book,
            FuseReports fuses) {
        this.database = database;
        this.days = days;
        this.registry = registry;
        this.decisions = decisions;
        this.states = states;
        this.desk = desk;
        this.book = book;
        this.fuses = fuses;
    }

    /**
     * Judges at {@code clock}. Fails with {@code CONFLICT}, undoing everything, when a fuse blew since the caller looked: it is answered
     * first.
     *
     * @param fuse why a scorer sent the traffic back, null when none did
     * @param also runs in the transaction
     */
    void judge(
            AppliedLifecycle applied,
            LoopStates.Stored stored,
            long clock,
            @Nullable String fuse,
            Consumer<Transaction> also) {
        LoopState.Rolling rolling =
                java.util.Objects.requireNonNull(stored.state().rollout(), "no rollout runs");
        LifecycleFile file = applied.file();
        RolloutEvidence evidence = evidence(applied.model(), file, rolling, clock, fuse);
        RolloutPlan plan = RolloutPlan.of(
                rolling.plan(file), file.calendar(), applied.model().replayed());
        RolloutReplay judged = RolloutReplay.judge(plan, RolloutLimits.DEFAULT, rolling.state(), evidence, clock);
        RolloutDecision decision = judged.decision();
        LoopState.Rolling next = rolling.with(decision.next());
        database.writing(tx -> {
            if (fuse == null) {
                requireNoFuse(tx, applied.model(), rolling);
            }
            also.accept(tx);
            desk.adopt(tx, applied.model(), file, rolling);
            Look look = decision.look();
            if (look != null) {
                book.look(tx, rolling.id(), look);
            }
            LoopState state = stored.state().withRolloutTick(clock);
            if (decision.action() == RolloutDecision.Action.HOLD) {
                states.save(tx, applied.model(), stored, state.withRollout(next));
                return;
            }
            desk.follow(tx, applied.model(), file, next);
            states.save(
                    tx, applied.model(), stored, state.withRollout(next.state().running() ? next : null));
            book.transition(tx, rolling.id(), decisions.record(tx, draft(applied.model(), clock, rolling, judged)));
        });
        CrashPoint.hit("lifecycle.rollout.afterCommit");
    }

    private void requireNoFuse(Transaction tx, ModelId model, LoopState.Rolling rolling) {
        fuses.next(tx.sql(), model)
                .filter(report -> FuseDesk.concerns(report, rolling))
                .ifPresent(report -> {
                    throw PerennialException.conflict("a fuse blew while version " + rolling.version() + " of '" + model
                            + "' was judged: " + report.reason());
                });
    }

    /** Takes every running rollout into the book, for those that began before there was one. */
    void adopt(Lifecycles lifecycles) {
        for (ModelId model : states.models()) {
            LoopState.Rolling rolling = states.get(model).state().rollout();
            if (rolling != null) {
                LifecycleFile file = lifecycles.get(model).file();
                database.writing(tx -> desk.adopt(tx, model, file, rolling));
            }
        }
    }

    private static Decisions.Draft draft(ModelId model, long clock, LoopState.Rolling rolling, RolloutReplay judged) {
        RolloutDecision decision = judged.decision();
        boolean promoted = decision.action() == RolloutDecision.Action.PROMOTE;
        String title = switch (decision.action()) {
            case PROMOTE -> "Version " + rolling.version() + " is champion";
            case STOP -> "Rollout of version " + rolling.version() + " stopped";
            case EXTEND -> "Rollout of version " + rolling.version() + " extended";
            case ADVANCE, HOLD -> "Rollout of version " + rolling.version() + " goes on";
        };
        return new Decisions.Draft(
                model,
                clock,
                Decisions.LOOP,
                promoted ? Decision.Kind.PROMOTION : Decision.Kind.ROLLOUT,
                decision.action() + " " + decision.reason(),
                rolling.version(),
                title,
                decision.text(),
                judged.body(),
                false);
    }

    private RolloutEvidence evidence(
            ModelId model, LifecycleFile file, LoopState.Rolling rolling, long clock, @Nullable String fuse) {
        ModelCalendar calendar = file.calendar();
        LocalDate first = calendar.day(rolling.state().startedAt());
        LocalDate last = calendar.day(clock).minusDays(1);
        List<RolloutEvidence.Day> shown = days.days(model, first, last).stream()
                .map(day -> DayEvidence.day(day, rolling.version()))
                .toList();
        boolean timed = rolling.plan(file).stopOn().latencyRatio() != null && !model.replayed();
        Learnt learnt = registry.evidence(new VersionId(model, rolling.version()), CandidateDesk.EVALUATION)
                .map(body -> Learnt.from(
                        Json.convert(body, Evaluation.class),
                        file.gates().labelCoverage(),
                        rolling.plan(file).stopOn().harmMetric()))
                .orElse(Learnt.NOTHING);
        if (timed) {
            List<DayResult> before = days.days(model, first.minusDays(DAYS_BEFORE), first.minusDays(1));
            learnt = learnt.timed(DayEvidence.halves(before));
        }
        return new RolloutEvidence(shown, learnt, file.gates().labelCoverage(), fuse);
    }
}
