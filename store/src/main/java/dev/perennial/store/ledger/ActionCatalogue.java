package dev.perennial.store.ledger;

import dev.perennial.kernel.PerennialException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/** The closed list of actions that may stand in the ledger. A verifier knows the same list; additions need a new format version. */
public final class ActionCatalogue {
    private static final Set<String> ACTIONS =
            Collections.unmodifiableSet(new TreeSet<>(Arrays.asList("""
            auth.login.ok auth.login.fail auth.logout auth.password.change auth.token.create auth.token.rotate auth.token.revoke
            auth.token.use_denied auth.oidc.link auth.session.revoke
            access.role.grant access.role.revoke access.project.create access.project.archive access.policy.publish
            data.dataset.register data.dataset.version data.snapshot data.validate data.quarantine data.exclude data.delete
            run.create run.finish run.delete run.restore
            model.create model.delete model_version.create model_version.delete model_version.sign model_version.reproduce
            alias.set alias.delete stage.set tag.set artifact.sign artifact.verify_fail
            gate.define gate.evaluate gate.override
            approval.requested approval.given approval.rejected approval.expired approval.voided
            deployment.create deployment.update deployment.traffic deployment.rollback deployment.stop shadow.start shadow.stop
            retrain.trigger retrain.decide retrain.skip retrain.skipped_by_guard retrain.candidate retrain.promoted retrain.rejected
            retrain.breaker
            alert.raise alert.ack alert.silence alert.resolve drift.detected
            feature.view.register feature.view.materialize
            card.publish incident.open incident.close audit.erase legal_hold.set legal_hold.clear ledger.export
            plan.apply replay.start replay.end replay.cancel loop.pause loop.resume
            rollout.start rollout.step rollout.hold rollout.skip rollout.stop rollout.abort rollout.resume rollout.promote
            rollout.rollback rollout.end
            prediction_log.segment labels.segment
            system.start system.stop system.config.change system.backup system.restore system.key.rotate system.checkpoint
            system.anchor.fail system.clock.step
            """.trim().split("\\s+"))));

    private ActionCatalogue() {}

    /** All actions, sorted. */
    public static Set<String> actions() {
        return ACTIONS;
    }

    static String check(String action) {
        if (!ACTIONS.contains(action)) {
            throw PerennialException.invalid(
                    "action", "ledger action '" + action + "' is not one of " + String.join(", ", ACTIONS));
        }
        return action;
    }
}
