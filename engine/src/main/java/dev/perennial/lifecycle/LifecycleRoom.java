package dev.perennial.lifecycle;

import dev.perennial.events.EventLog;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.ModelId;
import dev.perennial.monitoring.DayBook;
import dev.perennial.monitoring.Monitoring;
import dev.perennial.monitoring.References;
import dev.perennial.pipelines.PipelineEngine;
import dev.perennial.registry.Registry;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.FuseReports;
import dev.perennial.serving.PredictionLog;
import dev.perennial.serving.ScorerFleet;
import dev.perennial.store.BlobStore;
import dev.perennial.store.Database;
import dev.perennial.tracking.TrackingRuns;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;

/**
 * The lifecycle room put together: what other rooms and the programs may use of it.
 *
 * @param lifecycles files in force and clocks
 * @param decisions what was decided
 * @param applications plan and apply
 * @param people what persons do
 * @param loop turns the wheels
 * @param reproduction rebuilds versions
 * @param skew served rows compared with the sources, by day
 * @param rollouts every rollout with its looks
 * @param rejudging judges stored evidence again
 * @param states reads where a loop stands
 */
public record LifecycleRoom(
        Lifecycles lifecycles,
        Decisions decisions,
        Applications applications,
        People people,
        LifecycleLoop loop,
        Reproduction reproduction,
        SkewDays skew,
        RolloutBook rollouts,
        Rejudging rejudging,
        Function<ModelId, LoopState> states) {

    private static final Duration INSPECTION_PATIENCE = Duration.ofSeconds(60);

    /** Where a model's loop stands. */
    public LoopState state(ModelId model) {
        return states.apply(model);
    }

    /** The rooms below that the lifecycle turns. */
    public record Parts(
            Database database,
            BlobStore blobs,
            InstantSource clock,
            Ids ids,
            EventLog events,
            Registry registry,
            PipelineEngine engine,
            Endpoints endpoints,
            ScorerFleet fleet,
            PredictionLog log,
            FuseReports fuses,
            DayBook days,
            Monitoring monitoring,
            References references,
            TrackingRuns tracking) {}

    public static LifecycleRoom of(Parts parts) {
        Database database = parts.database();
        Lifecycles lifecycles = new Lifecycles(database, parts.clock());
        Decisions decisions = new Decisions(database, parts.events(), parts.clock(), parts.ids());
        LoopStates states = new LoopStates(database);
        RolloutBook book = new RolloutBook(database);
        RolloutDesk desk = new RolloutDesk(parts.registry(), parts.endpoints(), book);
        Proposals proposals = new Proposals(database, parts.clock(), parts.ids());
        SkewDays compared = new SkewDays(database);
        ServedRows served = new ServedRows(parts.registry(), parts.log(), parts.blobs());
        CandidateInputs inputs =
                new CandidateInputs(database, parts.blobs(), parts.registry(), served, parts.references(), compared);
        RetrainQuestions questions = new RetrainQuestions(parts.days(), decisions);
        CandidateDesk candidates = candidates(parts, lifecycles, decisions, states, desk, proposals, inputs, questions);
        RolloutJudging judging =
                new RolloutJudging(
                        database, parts.days(), parts.registry(), decisions, states, desk, book, parts.fuses());
        SkewDesk skew = new SkewDesk(database, parts.engine(), states, served, compared);
        TickDesk ticks = new TickDesk(
                database,
                parts.days(),
                parts.monitoring(),
                judging,
                candidates,
                parts.registry(),
                decisions,
                states,
                questions,
                skew);
        FuseDesk fuses = new FuseDesk(database, parts.fuses(), states, judging);
        return new LifecycleRoom(
                lifecycles,
                decisions,
                new Applications(
                        database,
                        lifecycles,
                        decisions,
                        states,
                        parts.endpoints(),
                        new Inspection(parts.engine(), INSPECTION_PATIENCE)),
                new People(
                        database,
                        lifecycles,
                        parts.registry(),
                        decisions,
                        states,
                        desk,
                        book,
                        proposals,
                        parts.fleet()),
                new LifecycleLoop(lifecycles, states, candidates, ticks, fuses, skew, () -> judging.adopt(lifecycles)),
                new Reproduction(lifecycles, parts.registry(), parts.blobs(), parts.engine()),
                compared,
                book,
                new Rejudging(book, decisions),
                model -> states.get(model).state());
    }

    private static CandidateDesk candidates(
            Parts parts,
            Lifecycles lifecycles,
            Decisions decisions,
            LoopStates states,
            RolloutDesk desk,
            Proposals proposals,
            CandidateInputs inputs,
            RetrainQuestions questions) {
        return new CandidateDesk(
                parts.database(),
                parts.clock(),
                lifecycles,
                parts.registry(),
                parts.engine(),
                decisions,
                states,
                desk,
                proposals,
                inputs,
                new TrainingRecord(parts.tracking()),
                questions);
    }
}
