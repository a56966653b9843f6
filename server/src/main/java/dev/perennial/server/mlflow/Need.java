package dev.perennial.server.mlflow;

import dev.perennial.governance.Right;

/**
 * The right that a call needs, and where the request names the object that the right is on.
 *
 * @param field of the request; empty when the call is about no single object
 */
record Need(Right right, Target target, String field) {
    /** The kind of the object. */
    enum Target {
        EXPERIMENT_ID,
        EXPERIMENT_NAME,
        /** In {@code run_id} or {@code run_uuid}. */
        RUN_ID,
        LOGGED_MODEL_ID,
        MODEL_NAME,
        /** A new object, or a search that only finds what one may read: the project decides. */
        PROJECT,
        /** Several objects, each of which the call checks by itself. */
        EACH,
        /** The account that the field names: by itself, and by administrators. */
        ACCOUNT,
        /** For administrators. */
        INSTALLATION
    }

    static Need experiment(Right right) {
        return new Need(right, Target.EXPERIMENT_ID, "experiment_id");
    }

    static Need run(Right right) {
        return new Need(right, Target.RUN_ID, "run_id");
    }

    static Need model(Right right) {
        return new Need(right, Target.MODEL_NAME, "name");
    }

    static Need loggedModel(Right right) {
        return new Need(right, Target.LOGGED_MODEL_ID, "model_id");
    }

    static Need project(Right right) {
        return new Need(right, Target.PROJECT, "");
    }

    static Need account() {
        return new Need(Right.EDIT, Target.ACCOUNT, "username");
    }

    static Need installation() {
        return new Need(Right.MANAGE, Target.INSTALLATION, "");
    }

    static Need each(Right right) {
        return new Need(right, Target.EACH, "");
    }
}
