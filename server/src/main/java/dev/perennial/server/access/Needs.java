package dev.perennial.server.access;

import dev.perennial.governance.Right;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The right that a route of the product's own API needs; a route without it does not start. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Needs {
    /** The right on the object. */
    Right value() default Right.READ;

    /** Where the object is named. */
    On on();

    /** What a right can be on. */
    enum On {
        /** Nobody has to sign in. */
        OPEN,
        /** Whoever is signed in; lists show what one may read, and the rest concerns oneself. */
        SIGNED_IN,
        /** Administrators. */
        INSTALLATION,
        /** Whoever may read the data directory, and so its token; no account, not even an administrator's. */
        DATA_DIRECTORY,
        /** The model in the path. */
        MODEL,
        /** The model in the path, by the role approver, and not the caller's own work. */
        SIGNING,
        /** The model of the alert in the path. */
        ALERT,
        /** The model of the pipeline run in the path. */
        PIPELINE_RUN,
        /** The model of the replay in the path. */
        REPLAY,
        /** The scoring job in the path: who made it, or who may manage its model. */
        SCORING,
        /** The model that the lifecycle file in the body names; a new one is in the request's project. */
        LIFECYCLE_FILE,
        /** The scorer in the path, by a token that is for it alone; no account, not even an administrator's. */
        SCORER,
        /** The endpoint in the path: of a lifecycle file its model. */
        ENDPOINT,
        /** The endpoint in the path; one that is not there would be in the request's project. */
        ENDPOINT_PLACE,
        /** The project in the path. */
        PROJECT
    }
}
