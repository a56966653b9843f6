package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** One remote call of the wire. */
@FunctionalInterface
interface Call {
    ObjectNode answer(Asked asked);

    /**
     * What is asked.
     *
     * @param userAgent of the client, because one of them cannot turn pages
     * @param asker who asks, and where names are looked up
     */
    record Asked(Fields fields, String userAgent, MlflowRights.Asker asker) {}
}
