package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;

/** One remote call of the wire. */
@FunctionalInterface
interface Call {
    ObjectNode answer(Asked asked);

    /** A call that takes or sends bytes of files: it reads the body and answers by itself. The fields are those of path and query. */
    @FunctionalInterface
    interface Raw {
        void answer(HttpServerRequest request, Fields fields, InputStream body) throws IOException;
    }

    /**
     * What is asked.
     *
     * @param userAgent of the client, because one of them cannot turn pages
     * @param asker who asks, and where names are looked up
     */
    record Asked(Fields fields, String userAgent, MlflowRights.Asker asker) {}
}
