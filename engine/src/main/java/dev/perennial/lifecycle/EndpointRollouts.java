package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.Decision.Kind;
import dev.perennial.rollout.BlockSpec;
import dev.perennial.rollout.Learnt;
import dev.perennial.rollout.Look;
import dev.perennial.rollout.RolloutDecision;
import dev.perennial.rollout.RolloutDecision.Action;
import dev.perennial.rollout.RolloutEvidence;
import dev.perennial.rollout.RolloutLimits;
import dev.perennial.rollout.RolloutPlan;
import dev.perennial.rollout.RolloutReplay;
import dev.perennial.rollout.RolloutState;
import dev.perennial.serving.BlockTallies;
import dev.perennial.serving.FuseReport;
import dev.perennial.serving.FuseReports;
import dev.perennial.serving.PairedScores;
import dev.perennial.serving.RolloutTraffic;
import dev.perennial.serving.Variant;
import dev.perennial.serving.VersionRef;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rollouts of endpoints without a lifecycle file: judged by closed blocks of minutes, moved by the same judge as every other. All that the
 * next turn needs is in the database; each move is one transaction with the traffic and its ledger entry, so that a kill at any moment
 * loses at most a look, which the next turn makes again. Thread-safe.
 */
public final class EndpointRollouts {
    private static final Logger LOG = LoggerFactory.getLogger(EndpointRollouts.class);
    private static final Duration KEPT = Duration.ofDays(31);

    private final Database database;
    private final InstantSource clock;
    private final RolloutTraffic traffic;
    private final RolloutBook book;
    private final Decisions decisions;
    private final FuseReports fuses;
    private final BlockTallies tallies;
    private final BlockEvidence evidence;
    private final Delivered delivered;

    /** Until when everything that was answered has reached the database. */
    public interface Delivered {
        /** Epoch milliseconds; empty when a live scorer did not deliver in time. */
        OptionalLong until();
    }

    public EndpointRollouts(
            Database database,
            InstantSource clock,
            RolloutTraffic traffic,
            RolloutBook book,
            Decisions decisions,
            FuseReports fuses,
            Delivered delivered) {
        this.database = database;
        this.clock = clock;
        this.traffic = traffic;
        this.book = book;
        this.decisions = decisions;
        this.fuses = fuses;
        this.tallies = new BlockTallies(database);
        this.evidence = new BlockEvidence(tallies);
        this.delivered = delivered;
    }

    /**
     * Begins a rollout of a version that the endpoint holds already, as a shadow or warm. Returns its id.
     *
     * @throws PerennialException when the endpoint has no champion, does not hold the version, or a rollout runs already
     */
    public String start(ModelId endpoint, VersionRef candidate, BlockSpec spec, People.Act act) {
        long now = clock.millis();
        return database.write(tx -> start(tx, endpoint, candidate, spec, act.actor(), act.reason(), now));
    }

    /** The same inside the transaction of whoever put the version behind the endpoint. */
    public String start(
            Transaction tx,
            ModelId endpoint,
            VersionRef candidate,
            BlockSpec spec,
            String actor,
            String reason,
            long now) {
        book.running(tx.sql(), endpoint).ifPresent(running -> {
            throw PerennialException.state("a rollout of " + running.state().candidate() + " behind '" + endpoint
                    + "' is running; let it end, or abort it, first");
        });
        String champion = traffic.champion(tx, endpoint, candidate).toString();
        RolloutPlan plan = spec.plan();
        fuses.handled(tx, endpoint);
        Learnt learnt = evidence.learnt(
                tx.sql(), endpoint.toString(), champion, now, plan.pace().blockMillis(), spec.period());
        RolloutState state = RolloutState.start(plan, candidate.toString(), champion, now);
        int before = book.begun(tx.sql(), endpoint, now);
        String id = Digest.of("rollout " + endpoint + " " + candidate + " " + now + (before == 0 ? "" : " " + before))
                .shortHex();
        RolloutBook.Running running = new RolloutBook.Running(id, endpoint, plan, state, learnt, 1);
        book.open(tx, running);
        traffic.begin(tx, endpoint, id, spec.grosslyOver());
        follow(tx, running);
        String text = (actor.startsWith("user:") ? actor.substring("user:".length()) : actor) + " began the rollout of "
                + candidate + " behind '" + endpoint + "' against " + champion + ": " + reason;
        ObjectNode body = Json.object().put("reason", reason);
        body.set("plan", Json.tree(plan));
        body.set("learnt", Json.tree(learnt));
        record(tx, running, actor, Kind.ROLLOUT, "rollout.start", "STARTED", "Rollout of " + candidate, text, body);
        return id;
    }

    /**
     * Begins the rollout that a deployment asked for, in its transaction; false when the endpoint's traffic does not allow it now, and the
     * version stays a shadow.
     */
    public boolean begin(Transaction tx, ModelId endpoint, VersionRef version, JsonNode plan, String actor) {
        try {
            start(tx, endpoint, version, BlockSpec.of(plan), actor, "deployed with its rollout", clock.millis());
            return true;
        } catch (PerennialException e) {
            if (e.code() == ErrorCode.INVALID_STATE) { // thrown before anything was written
                LOG.warn("endpoint={} {} stays a shadow: {}", endpoint, version, e.getMessage());
                return false;
            }
            throw e;
        }
    }

    /** Where the scores of a rollout's candidate and champion lie on the same rows; empty while there is none. */
    public Optional<PairedScores> scores(RolloutBook.Entry entry) {
        long to = entry.endedAt() == null ? clock.millis() : entry.endedAt();
        return entry.candidate() == null
                ? Optional.empty()
                : PairedScores.of(database, entry.model().toString(), entry.candidate(), entry.startedAt(), to);
    }

    /** Whatever is due for one endpoint: a report of a blown fuse, or blocks that have closed. True when there was something. */
    boolean turn(ModelId endpoint) {
        Optional<RolloutBook.Running> found = database.read(sql -> book.running(sql, endpoint));
        Optional<FuseReport> report = fuses.next(endpoint);
        if (found.isEmpty()) {
            return false;
        }
        RolloutBook.Running running = found.get();
        if (report.isPresent()) {
            return blown(running, report.get());
        }
        long block = running.plan().pace().blockMillis();
        long looked = book.lookedAt(running);
        if (floor(clock.millis(), block) <= looked) {
            return false;
        }
        OptionalLong until = delivered.until();
        if (until.isEmpty() || floor(until.getAsLong(), block) <= looked) {
            return false;
        }
        judge(running, floor(until.getAsLong(), block), null, tx -> {});
        return true;
    }

    private boolean blown(RolloutBook.Running running, FuseReport report) {
        if (!concerns(running, report)) {
            database.writing(tx -> fuses.handled(tx, report));
            return true;
        }
        judge(running, clock.millis(), report.reason(), tx -> fuses.handled(tx, report));
        return true;
    }

    /** A report of an earlier rollout, or of another version beside the candidate, says nothing about this one. */
    private static boolean concerns(RolloutBook.Running running, FuseReport report) {
        String candidate = running.state().candidate();
        return report.in(running.id())
                && report.version()
                        .map(version -> version.toString().equals(candidate))
                        .orElseGet(() -> report.number() == RolloutBook.number(candidate));
    }

    /** Whether nobody acted and no fuse blew since the rollout was read, which may be seconds ago; else the next turn looks anew. */
    private boolean asSeen(Transaction tx, RolloutBook.Running running, @Nullable String fuse) {
        return book.running(tx.sql(), running.endpoint())
                        .filter(now -> now.id().equals(running.id()) && now.edition() == running.edition())
                        .isPresent()
                && (fuse != null || fuses.next(tx.sql(), running.endpoint()).isEmpty());
    }

    private void judge(RolloutBook.Running running, long at, @Nullable String fuse, Consumer<Transaction> also) {
        long block = running.plan().pace().blockMillis();
        RolloutState state = running.state();
        RolloutEvidence seen = new RolloutEvidence(
                evidence.blocks(
                        running.endpoint().toString(),
                        state.candidate(),
                        state.champion(),
                        state.startedAt(),
                        floor(at, block),
                        block),
                running.learnt(),
                0,
                fuse);
        RolloutReplay judged = RolloutReplay.judge(running.plan(), RolloutLimits.DEFAULT, state, seen, at);
        RolloutDecision decision = judged.decision();
        CrashPoint.hit("endpointrollout.beforeCommit");
        database.writing(tx -> {
            if (!asSeen(tx, running, fuse)) {
                return;
            }
            also.accept(tx);
            Look look = decision.look();
            if (look != null) {
                book.look(tx, running.id(), look);
            }
            if (decision.action() != Action.HOLD) {
                book.save(tx, running, decision.next());
                follow(tx, running.with(decision.next()));
                record(
                        tx,
                        running,
                        Decisions.LOOP,
                        decision.action() == Action.PROMOTE ? Kind.PROMOTION : Kind.ROLLOUT,
                        action(decision.action()),
                        decision.action() + " " + decision.reason(),
                        title(running, decision.action()),
                        decision.text(),
                        judged.body());
            }
        });
        CrashPoint.hit("endpointrollout.afterCommit");
    }

    private static String action(Action action) {
        return switch (action) {
            case HOLD, ADVANCE, EXTEND -> "rollout.step";
            case STOP -> "rollout.stop";
            case PROMOTE -> "rollout.promote";
        };
    }

    private static String title(RolloutBook.Running running, Action action) {
        String candidate = running.state().candidate();
        return switch (action) {
            case PROMOTE -> candidate + " is champion of " + running.endpoint();
            case STOP -> "Rollout of " + candidate + " stopped";
            case EXTEND -> "Rollout of " + candidate + " extended";
            case ADVANCE, HOLD -> "Rollout of " + candidate + " goes on";
        };
    }

    /** Makes the traffic follow the state. */
    private void follow(Transaction tx, RolloutBook.Running running) {
        RolloutState state = running.state();
        VersionRef candidate = VersionRef.parse(state.candidate());
        switch (state.phase()) {
            case SHADOW, CANARY ->
                traffic.share(tx, running.endpoint(), candidate, (int)
                        Math.round(state.share(running.plan().steps()) * Variant.ALL));
            case PROMOTED -> traffic.promote(tx, running.endpoint(), candidate);
            case STOPPED, ABORTED -> traffic.drop(tx, running.endpoint(), candidate);
        }
    }

    /** Holds steps and promotion until somebody resumes; what is dangerous stops the rollout all the same. */
    public Decision pause(ModelId endpoint, People.Act act) {
        return move(endpoint, null, act, Move.PAUSE);
    }

    public Decision resume(ModelId endpoint, People.Act act) {
        return move(endpoint, null, act, Move.RESUME);
    }

    /** Gives the champion all traffic at once. */
    public Decision abort(ModelId endpoint, People.Act act) {
        return move(endpoint, null, act, Move.ABORT);
    }

    /** Lets the present step pass although guards cannot be computed; its time and rows are needed all the same. */
    public Decision sign(ModelId endpoint, People.Act act) {
        return move(endpoint, null, act, Move.SIGN);
    }

    /** For acts on this rollout only: when it has ended meanwhile, they are refused and do not hit the next one. */
    public One of(String rollout) {
        return new One(rollout);
    }

    /** Acts on one rollout. */
    public final class One {
        private final String rollout;

        private One(String rollout) {
            this.rollout = rollout;
        }

        /** As {@link EndpointRollouts#pause}. */
        public Decision pause(ModelId endpoint, People.Act act) {
            return move(endpoint, rollout, act, Move.PAUSE);
        }

        /** As {@link EndpointRollouts#resume}. */
        public Decision resume(ModelId endpoint, People.Act act) {
            return move(endpoint, rollout, act, Move.RESUME);
        }

        /** As {@link EndpointRollouts#abort}. */
        public Decision abort(ModelId endpoint, People.Act act) {
            return move(endpoint, rollout, act, Move.ABORT);
        }

        /** As {@link EndpointRollouts#sign}. */
        public Decision sign(ModelId endpoint, People.Act act) {
            return move(endpoint, rollout, act, Move.SIGN);
        }
    }

    /** What people do to a rollout that runs. */
    private enum Move {
        PAUSE(
                Kind.PAUSE,
                "rollout.hold",
                "PAUSED",
                "paused",
                (state, act, at) -> state.pause(act.by(), act.reason(), at)),
        RESUME(Kind.RESUME, "rollout.resume", "RESUMED", "resumed", (state, act, at) -> state.resume()),
        ABORT(
                Kind.ROLLOUT,
                "rollout.abort",
                "ABORTED",
                "aborted",
                (state, act, at) -> state.abort(act.by(), act.reason(), at)),
        SIGN(
                Kind.SIGN,
                "gate.override",
                "SIGNED",
                "signed the step of",
                (state, act, at) -> state.sign(act.by(), act.reason(), at));

        private final Kind kind;
        private final String action;
        private final String verdict;
        private final String did;
        private final Next next;

        Move(Kind kind, String action, String verdict, String did, Next next) {
            this.kind = kind;
            this.action = action;
            this.verdict = verdict;
            this.did = did;
            this.next = next;
        }
    }

    private interface Next {
        RolloutState of(RolloutState state, People.Act act, long at);
    }

    private Decision move(ModelId endpoint, @Nullable String rollout, People.Act act, Move move) {
        long at = clock.millis();
        Decision decision = database.write(tx -> {
            RolloutBook.Running running = book.running(tx.sql(), endpoint)
                    .orElseThrow(() -> PerennialException.state("no rollout behind '" + endpoint + "' is running"));
            if (rollout != null && !rollout.equals(running.id())) {
                throw PerennialException.state("rollout '" + rollout + "' of '" + endpoint + "' has ended; rollout '"
                        + running.id() + "' is running");
            }
            RolloutState state = move.next.of(running.state(), act, at);
            book.save(tx, running, state);
            if (!state.running()) {
                follow(tx, running.with(state));
            }
            String candidate = running.state().candidate();
            ObjectNode body = Json.object().put("by", act.by()).put("reason", act.reason());
            body.put("step", state.step());
            return record(
                    tx,
                    running,
                    act.actor(),
                    move.kind,
                    move.action,
                    move.verdict,
                    "Rollout of " + candidate + ": " + move.verdict.toLowerCase(java.util.Locale.ROOT),
                    act.by() + " " + move.did + " the rollout of " + candidate + ": " + act.reason(),
                    body);
        });
        CrashPoint.hit("endpointrollout.afterAct");
        return decision;
    }

    private Decision record(
            Transaction tx,
            RolloutBook.Running running,
            String actor,
            Kind kind,
            String action,
            String verdict,
            String title,
            String text,
            JsonNode body) {
        String endpoint = "endpoint:" + running.endpoint();
        String candidate = running.state().candidate();
        Decisions.Draft draft = new Decisions.Draft(
                running.endpoint(),
                clock.millis(),
                actor,
                kind,
                verdict,
                RolloutBook.number(candidate),
                title,
                text,
                body,
                false);
        Decision decision =
                decisions.record(tx, draft, new Decisions.Place(endpoint, action, endpoint + "/" + candidate));
        book.transition(tx, running.id(), decision);
        return decision;
    }

    /** Whether a rollout of an endpoint without a lifecycle file runs. */
    public boolean running(ModelId endpoint) {
        return database.read(sql -> book.running(sql, endpoint)).isPresent();
    }

    /** Endpoints whose rollouts run. */
    List<ModelId> endpoints() {
        return book.running().stream().map(RolloutBook.Running::endpoint).toList();
    }

    /** Forgets minutes that no rollout looks at any more, neither one that runs nor one that may begin. */
    void forget() {
        long begun = book.running().stream()
                .mapToLong(running -> running.state().startedAt())
                .min()
                .orElse(Long.MAX_VALUE);
        tallies.forget(Math.min(begun, clock.millis() - KEPT.toMillis()));
    }

    private static long floor(long at, long block) {
        return Math.floorDiv(at, block) * block;
    }
}
