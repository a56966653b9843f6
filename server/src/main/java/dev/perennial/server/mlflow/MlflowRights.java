package dev.perennial.server.mlflow;

import dev.perennial.governance.Access;
import dev.perennial.governance.Caller;
import dev.perennial.governance.GovernanceRoom;
import dev.perennial.governance.Projects;
import dev.perennial.governance.Right;
import dev.perennial.governance.Thing;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.ArtifactPath;
import dev.perennial.tracking.Experiment;
import dev.perennial.tracking.Experiments;
import dev.perennial.tracking.Owners;
import dev.perennial.tracking.Visible;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Checks the {@link Need} of every call, in this one place, before the call runs. What may not be known of is answered like what is not
 * there. Thread-safe.
 */
final class MlflowRights {
    private final GovernanceRoom governance;
    private final Access access;
    private final Owners owners;
    private final Experiments experiments;

    MlflowRights(GovernanceRoom governance, Owners owners, Experiments experiments) {
        this.governance = governance;
        this.access = governance.access();
        this.owners = owners;
        this.experiments = experiments;
    }

    /**
     * Who asks, and in which project.
     *
     * @param asked the project that the request names; objects of others are not there for it
     */
    record Asker(Caller caller, Optional<String> asked) {
        String project() {
            return caller.project(asked);
        }

        /** Whether nothing has to be looked up. */
        boolean free() {
            return caller.unrestricted() && asked.isEmpty();
        }
    }

    /** Refuses a project that is not there or has nothing for the caller. */
    void checkProject(Asker asker) {
        if (asker.asked().isPresent()) {
            String name = asker.asked().get();
            boolean bound = asker.caller().project() != null
                    && !asker.caller().project().equals(name);
            if (bound || governance.projects().find(name).isEmpty()) {
                throw Projects.missing(name);
            }
        }
    }

    /** Refuses what the caller may not do; the fields that come back name only what they may see. */
    Fields check(Asker asker, Need need, Fields fields) {
        switch (need.target()) {
            case INSTALLATION -> access.requireAdministrator(asker.caller());
            case ACCOUNT -> account(asker.caller(), fields.required(need.field()));
            case PROJECT -> project(asker, need.right());
            case EACH -> {
                return each(asker, need.right(), fields);
            }
            case EXPERIMENT_ID ->
                experiment(asker, need.right(), fields.experimentId(need.field(), Experiment.DEFAULT));
            case EXPERIMENT_NAME -> experimentNamed(asker, need.right(), fields.required(need.field()));
            case RUN_ID -> run(asker, need.right(), fields.runId());
            case MODEL_NAME -> model(asker, need.right(), fields.required(need.field()));
            case LOGGED_MODEL_ID -> loggedModel(asker, need.right(), fields.required(need.field()));
        }
        return fields;
    }

    private static void account(Caller caller, String name) {
        if (!caller.unrestricted() && !(caller.name().equals(name) && caller.role() == null)) {
            throw Access.denied();
        }
    }

    private void project(Asker asker, Right right) {
        if (right != Right.READ && !access.may(asker.caller(), right, Thing.project(asker.project()))) {
            throw Access.denied();
        }
    }

    private void experiment(Asker asker, Right right, long id) {
        if (!asker.free()) {
            Supplier<PerennialException> missing =
                    () -> PerennialException.notFound("No Experiment with id=" + id + " exists");
            owned(asker, right, owners.experiment(id).orElseThrow(missing), missing);
        }
    }

    private void experimentNamed(Asker asker, Right right, String name) {
        if (!asker.free()) {
            Supplier<PerennialException> missing =
                    () -> PerennialException.notFound("Could not find experiment with name '" + name + "'");
            Experiment experiment = experiments.find(asker.project(), name).orElseThrow(missing);
            owned(asker, right, new Owners.Owner(experiment.id(), experiment.project()), missing);
        }
    }

    void run(Asker asker, Right right, String id) {
        if (!asker.free()) {
            Supplier<PerennialException> missing =
                    () -> PerennialException.notFound("Run with id=" + id + " not found");
            owned(asker, right, owners.run(id).orElseThrow(missing), missing);
        }
    }

    private void owned(Asker asker, Right right, Owners.Owner owner, Supplier<PerennialException> missing) {
        if (asker.asked().filter(name -> !name.equals(owner.project())).isPresent()) {
            throw missing.get();
        }
        access.require(asker.caller(), right, Thing.experiment(owner.project(), owner.experiment()), missing);
    }

    private void model(Asker asker, Right right, String name) {
        access.require(
                asker.caller(),
                right,
                Thing.model(asker.project(), name),
                () -> PerennialException.notFound("Registered Model with name=" + name + " not found"));
    }

    private void loggedModel(Asker asker, Right right, String id) {
        if (!asker.free()) {
            Supplier<PerennialException> missing =
                    () -> PerennialException.notFound("Logged model with ID '" + id + "' not found.");
            owned(asker, right, owners.loggedModel(id).orElseThrow(missing), missing);
        }
    }

    /** Experiments that may not be seen are left out of a search; a run that may not be seen is not there. */
    private Fields each(Asker asker, Right right, Fields fields) {
        if (asker.free()) {
            return fields;
        }
        for (String field : List.of("run_id", "run_ids")) {
            if (fields.has(field)) {
                fields.runIds(field).forEach(id -> run(asker, right, id));
            }
        }
        return !fields.has("experiment_ids")
                ? fields
                : fields.keeping(
                        "experiment_ids",
                        id -> owners.experiment(id)
                                .filter(owner -> asker.asked()
                                        .filter(name -> !name.equals(owner.project()))
                                        .isEmpty())
                                .filter(owner -> access.may(
                                        asker.caller(), right, Thing.experiment(owner.project(), owner.experiment())))
                                .isPresent());
    }

    /** Rights on a file are those on its owner, whatever its path looks like. */
    void artifact(Asker asker, Right right, ArtifactPath path) {
        if (asker.free()) {
            return;
        }
        Supplier<PerennialException> missing =
                () -> PerennialException.notFound("No artifact file '" + path.text() + "'");
        List<Owners.Owner> all = owners.artifact(path);
        if (all.isEmpty() && !asker.caller().unrestricted()) {
            throw missing.get();
        }
        all.forEach(owner -> owned(asker, right, owner, missing));
    }

    /** What a search for experiments may show. */
    Visible visible(Asker asker) {
        Access.Readable readable = access.readable(asker.caller(), Thing.Kind.EXPERIMENT, asker.project());
        return new Visible(
                asker.project(),
                readable.whole(),
                readable.objects().stream().map(Long::parseLong).toList());
    }
}
