package dev.perennial.lifecycle;

import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.registry.ModelVersion;
import dev.perennial.registry.Registry;
import dev.perennial.rollout.RolloutPlan;
import dev.perennial.rollout.RolloutState;
import dev.perennial.rollout.RolloutStep;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.Variant;
import dev.perennial.serving.VersionRef;
import dev.perennial.store.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Carries rollout decisions out: aliases, variants and version states change together in the caller's transaction. */
final class RolloutDesk {
    /** The champion before the present one; it is kept warm for a while, and a rollback returns to it. */
    static final String PREVIOUS = "previous";

    private final Registry registry;
    private final Endpoints endpoints;
    private final RolloutBook book;

    RolloutDesk(Registry registry, Endpoints endpoints, RolloutBook book) {
        this.registry = registry;
        this.endpoints = endpoints;
        this.book = book;
    }

    /** The first version takes all the traffic at once: there is nobody to compare it with. */
    void install(Transaction tx, ModelId model, int version, long at) {
        Admitted.check(registry, tx.sql(), new VersionId(model, version));
        registry.alias(tx, model, Registry.CHAMPION, version, at);
        registry.state(tx, new VersionId(model, version), ModelVersion.State.CHAMPION);
        serve(tx, model, version, Optional.empty(), 0);
    }

    /** Starts a rollout in its first step. */
    LoopState.Rolling begin(Transaction tx, ModelId model, LifecycleFile file, int version, int champion, long at) {
        Admitted.check(registry, tx.sql(), new VersionId(model, version));
        RolloutPlan plan = RolloutPlan.of(file.rollout(), file.calendar(), model.replayed());
        RolloutState state =
                RolloutState.start(plan, new VersionId(model, version), new VersionId(model, champion), at);
        registry.state(tx, new VersionId(model, version), ModelVersion.State.ROLLING_OUT);
        LoopState.Rolling rolling = new LoopState.Rolling(version, champion, state, file.rollout());
        endpoints.rollout(tx, model, rolling.id());
        book.open(tx, model, rolling, plan);
        follow(tx, model, file, rolling);
        return rolling;
    }

    /** Takes a rollout into the book that began before there was one; a second time changes nothing. */
    void adopt(Transaction tx, ModelId model, LifecycleFile file, LoopState.Rolling rolling) {
        book.open(tx, model, rolling, RolloutPlan.of(rolling.plan(file), file.calendar(), model.replayed()));
        endpoints.adopt(tx, model, rolling.id());
    }

    /** Makes the traffic follow a rollout's state, whatever it is now. */
    void follow(Transaction tx, ModelId model, LifecycleFile file, LoopState.Rolling rolling) {
        RolloutState state = rolling.state();
        VersionId candidate = new VersionId(model, rolling.version());
        book.phase(tx, rolling);
        switch (state.phase()) {
            case SHADOW, CANARY ->
                serve(tx, model, rolling.champion(), Optional.of(rolling.version()), (int)
                        Math.round(state.share(RolloutStep.of(rolling.plan(file))) * Variant.ALL));
            case PROMOTED -> promote(tx, model, rolling.champion(), rolling.version(), state.stepEndsAt());
            case STOPPED, ABORTED -> {
                registry.state(tx, candidate, ModelVersion.State.STOPPED);
                serve(tx, model, rolling.champion(), Optional.empty(), 0);
            }
        }
    }

    /** Returns the traffic to the champion before; calling it twice goes forward again. Returns the version that serves now. */
    int rollback(Transaction tx, ModelId model, long at) {
        int from = champion(tx, model);
        int to = registry.alias(tx.sql(), model, PREVIOUS)
                .orElseThrow(() -> PerennialException.state("model '" + model + "' has had one champion only, version "
                        + from + "; there is nothing to roll back to"));
        promote(tx, model, from, to, at);
        return to;
    }

    int champion(Transaction tx, ModelId model) {
        return registry.alias(tx.sql(), model, Registry.CHAMPION)
                .orElseThrow(() -> PerennialException.state("model '" + model + "' has no champion yet"));
    }

    private void promote(Transaction tx, ModelId model, int from, int to, long at) {
        Admitted.check(registry, tx.sql(), new VersionId(model, to));
        registry.alias(tx, model, PREVIOUS, from, at);
        registry.alias(tx, model, Registry.CHAMPION, to, at);
        registry.state(tx, new VersionId(model, from), ModelVersion.State.RETIRED);
        registry.state(tx, new VersionId(model, to), ModelVersion.State.CHAMPION);
        serve(tx, model, to, Optional.empty(), 0);
    }

    private void serve(Transaction tx, ModelId model, int champion, Optional<Integer> candidate, int weight) {
        List<Variant> variants = new ArrayList<>();
        variants.add(variant(tx, model, champion, Variant.Role.champion, Variant.ALL - weight));
        candidate.ifPresent(version -> variants.add(
                variant(tx, model, version, weight == 0 ? Variant.Role.shadow : Variant.Role.canary, weight)));
        registry.alias(tx.sql(), model, PREVIOUS)
                .filter(version ->
                        version != champion && candidate.filter(version::equals).isEmpty())
                .ifPresent(version -> variants.add(variant(tx, model, version, Variant.Role.warm, 0)));
        endpoints.variants(tx, model, variants);
    }

    private Variant variant(Transaction tx, ModelId model, int number, Variant.Role role, int weight) {
        ModelVersion version =
                registry.find(tx.sql(), new VersionId(model, number)).orElseThrow();
        return Variant.of(VersionRef.of(version.id()), role, weight, version.manifest(), version.file());
    }
}
