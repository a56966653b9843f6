package dev.perennial.server.mlflow;

import com.fasterxml.jackson.core.JsonGenerator;
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

    /** A call whose answer is written as it goes, because it may be long or is asked for all day; what fails must fail before the first word. */
    @FunctionalInterface
    interface Text {
        void answer(Asked asked, JsonGenerator answer) throws IOException;
    }

    /**
     * Answers a body that it understands at once, and leaves others; it is for what clients do all day.
     */
    @FunctionalInterface
    interface Quick {
        /**
         * @param mayWrite refuses a run that the caller may not write; to be called before anything else is told of it
         * @return whether it was done; the answer is an empty object
         */
        boolean done(byte[] body, java.util.function.Consumer<String> mayWrite);
    }

    /** How a route is answered. */
    sealed interface Way {
        record Node(Call call) implements Way {}

        record Files(Raw raw) implements Way {}

        record Written(Text text) implements Way {}

        record First(Quick quick, Call otherwise) implements Way {}
    }

    /**
     * What is asked.
     *
     * @param userAgent of the client, because one of them cannot turn pages
     * @param asker who asks, and where names are looked up
     */
    record Asked(Fields fields, String userAgent, MlflowRights.Asker asker) {}
}
