package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.gates.GateReport;
import dev.perennial.gates.Signature;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.registry.Registry;
import dev.perennial.serving.ScorerFleet;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What persons do to a running loop: sign, pause, resume, abort, roll back, propose. Every act needs a name and a reason, and is a
 * decision like the loop's own. The name is what the caller says; nobody has authenticated it yet. Thread-safe.
 */
public final class People {
    private static final Duration SETTLE = Duration.ofSeconds(10);

    private final Database database;
    private final Lifecycles lifecycles;
    private final Registry registry;
    private final Decisions decisions;
    private final LoopStates states;
    private final RolloutDesk rollouts;
    private final RolloutBook book;
    private final Proposals proposals;
    private final ScorerFleet fleet;

    People(
            Database database,
            Lifecycles lifecycles,
            Registry registry,
            Decisions decisions,
            LoopStates states,
            RolloutDesk rollouts,
            RolloutBook book,
            Proposals proposals,
            ScorerFleet fleet) {
        this.database = database;
        this.lifecycles = lifecycles;
        this.registry = registry;
        this.decisions = decisions;
        this.states = states;
        this.rollouts = rollouts;
        this.book = book;
        this.proposals = proposals;
        this.fleet = fleet;
    }

    /** Who acts, and why; both must be said. */
    public record Act(String by, String reason) {
        public Act {
            if (by.isBlank() || by.length() > 100 || by.chars().anyMatch(Character::isISOControl)) {
                throw PerennialException.invalid(
                        "by",
                        "the name of the person who acts is needed (1 to 100 printable characters), got '" + by + "'");
            }
            if (reason.isBlank() || reason.length() > 2000) {
                throw PerennialException.invalid("reason", "a reason of 1 to 2,000 characters is needed");
            }
        }

        String actor() {
            return "user:" + by;
        }
    }

    /** Who made a request for a candidate, as the ledger tells it. */
    public Optional<String> proposer(String request) {
        return proposals.find(request).map(Proposal::actor);
    }

    /** Opens a REVIEW: the version goes into its rollout, or serves at once where there is no champion. */
    public Decision sign(ModelId model, int version, Act act) {
        AppliedLifecycle applied = lifecycles.get(model);
        LoopStates.Stored stored = states.get(model);
        VersionId id = new VersionId(model, version);
        if (stored.state().review() == null || stored.state().review() != version) {
            throw PerennialException.state("version '" + id + "' does not wait for a signature"
                    + (stored.state().review() == null
                            ? "; no version does"
                            : "; version " + stored.state().review() + " does"));
        }
        long at = lifecycles.clock(model);
        GateReport report =
                Json.convert(registry.evidence(id, CandidateDesk.GATES).orElseThrow(), GateReport.class);
        Signature signature = new Signature(act.by(), act.reason(), at);
        if (!report.opens(Optional.of(signature))) {
            throw PerennialException.state(
                    "the verdict on '" + id + "' is " + report.verdict() + ", which no signature opens");
        }
        Decision decision = database.write(tx -> {
            Optional<Integer> champion = registry.alias(tx.sql(), model, Registry.CHAMPION);
            LoopState next = stored.state().withReview(null);
            if (champion.isEmpty()) {
                rollouts.install(tx, model, version, at);
            } else {
                next = next.withRollout(rollouts.begin(tx, model, applied.file(), version, champion.get(), at))
                        .withRolloutTick(at);
            }
            states.save(tx, model, stored, next);
            registry.evidence(tx, id, "signature", at, Json.tree(signature));
            return decisions.record(
                    tx,
                    draft(
                            model,
                            at,
                            act,
                            Decision.Kind.SIGN,
                            "SIGNED",
                            version,
                            "Version " + version + " signed",
                            act.by() + " (not authenticated) signed version " + version + ": " + act.reason()));
        });
        fleet.wake();
        return decision;
    }

    public Decision pause(ModelId model, Act act) {
        LoopStates.Stored stored = states.get(model);
        if (stored.state().paused()) {
            throw PerennialException.state("the loop of '" + model + "' is paused already");
        }
        long at = lifecycles.clock(model);
        LoopState.Rolling rolling = stored.state().rollout();
        LoopState next = stored.state().withPaused(true);
        if (rolling != null) {
            next = next.withRollout(rolling.with(rolling.state().pause(act.by(), act.reason(), at)));
        }
        return save(
                model,
                stored,
                next,
                draft(
                        model,
                        at,
                        act,
                        Decision.Kind.PAUSE,
                        "PAUSED",
                        null,
                        "The loop is paused",
                        act.by() + " paused the loop: " + act.reason()));
    }

    /** Lets a paused loop go on; also closes the breaker that refused candidates opened. */
    public Decision resume(ModelId model, Act act) {
        LoopStates.Stored stored = states.get(model);
        if (!stored.state().paused() && stored.state().rejections() == 0) {
            throw PerennialException.state("the loop of '" + model + "' is not paused");
        }
        long at = lifecycles.clock(model);
        LoopState.Rolling rolling = stored.state().rollout();
        LoopState next = stored.state().withPaused(false).withRejections(0);
        if (rolling != null && rolling.state().paused()) {
            next = next.withRollout(rolling.with(rolling.state().resume()));
        }
        return save(
                model,
                stored,
                next,
                draft(
                        model,
                        at,
                        act,
                        Decision.Kind.RESUME,
                        "RESUMED",
                        null,
                        "The loop goes on",
                        act.by() + " resumed the loop: " + act.reason()));
    }

    /** Ends a running rollout; the champion takes all the traffic. */
    public Decision abort(ModelId model, Act act) {
        AppliedLifecycle applied = lifecycles.get(model);
        LoopStates.Stored stored = states.get(model);
        LoopState.Rolling rolling = stored.state().rollout();
        if (rolling == null) {
            throw PerennialException.state("no rollout of '" + model + "' is running");
        }
        long at = lifecycles.clock(model);
        LoopState.Rolling ended = rolling.with(rolling.state().abort(act.by(), act.reason(), at));
        Decision decision = database.write(tx -> {
            rollouts.follow(tx, model, applied.file(), ended);
            states.save(tx, model, stored, stored.state().withRollout(null));
            return moved(
                    tx,
                    rolling,
                    draft(
                            model,
                            at,
                            act,
                            Decision.Kind.ROLLOUT,
                            "ABORTED",
                            rolling.version(),
                            "Rollout of version " + rolling.version() + " aborted",
                            act.by() + " aborted the rollout: " + act.reason()));
        });
        settle();
        return decision;
    }

    /** Returns the traffic to the champion before; a second rollback goes forward again. Returns once every scorer serves it, or after a while. */
    public Decision rollback(ModelId model, Act act) {
        LoopStates.Stored stored = states.get(model);
        if (stored.state().rollout() != null) {
            throw PerennialException.state(
                    "the rollout of version " + stored.state().rollout().version()
                            + " is running; abort it, or let it end, before the champion is rolled back");
        }
        long at = lifecycles.clock(model);
        Decision decision = database.write(tx -> {
            int from = rollouts.champion(tx, model);
            int to = rollouts.rollback(tx, model, at);
            states.save(tx, model, stored, stored.state());
            return decisions.record(
                    tx,
                    draft(
                            model,
                            at,
                            act,
                            Decision.Kind.ROLLBACK,
                            "ROLLED_BACK",
                            to,
                            "Version " + to + " serves again",
                            act.by() + " rolled back from version " + from + " to version " + to + ": "
                                    + act.reason()));
        });
        settle();
        return decision;
    }

    /** Puts a candidate before the gates; the loop takes it at the model's present clock. */
    public String propose(ModelId model, Proposal proposal) {
        lifecycles.get(model);
        return database.write(tx -> proposals.add(tx, model, proposal));
    }

    private void settle() {
        fleet.settled(SETTLE); // a scorer that is down takes it over when it is back; the decision stands
    }

    /** Records an act; it belongs to the story of the rollout that it concerns, if one runs. */
    private Decision moved(Transaction tx, LoopState.@Nullable Rolling rolling, Decisions.Draft draft) {
        Decision decision = decisions.record(tx, draft);
        if (rolling != null) {
            book.transition(tx, rolling.id(), decision);
        }
        return decision;
    }

    private Decision save(ModelId model, LoopStates.Stored stored, LoopState next, Decisions.Draft draft) {
        return database.write(tx -> {
            states.save(tx, model, stored, next);
            return moved(tx, stored.state().rollout(), draft);
        });
    }

    private static Decisions.Draft draft(
            ModelId model,
            long at,
            Act act,
            Decision.Kind kind,
            String verdict,
            @Nullable Integer version,
            String title,
            String text) {
        ObjectNode evidence =
                Json.object().put("by", act.by()).put("authenticated", false).put("reason", act.reason());
        return new Decisions.Draft(model, at, act.actor(), kind, verdict, version, title, text, evidence, false);
    }
}
