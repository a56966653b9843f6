package dev.perennial.pipelines;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.store.Transaction;
import java.util.Map;

/**
 * One kind of step that runs on a thread of the server. It must be short. {@link #run} may happen more than once; what
 * {@link #commit} writes is recorded exactly once, in the transaction that makes the step succeed.
 */
public interface InlineStep {
    String kind();

    /** Computes; changes nothing that outlives a failure. An interrupt asks it to stop. */
    Output run(Context context) throws Exception;

    /**
     * Writes the room's own change. It may run again when the database asks for it, so it has no effect outside the transaction; a
     * failure undoes everything and fails the attempt.
     */
    default void commit(Transaction tx, Context context, Output output) {}

    /**
     * What a step is given.
     *
     * @param subject the model it works for
     * @param parameters the filled template
     * @param inputs digests of the files it reads, by name
     */
    record Context(
            RunId run, String path, int attempt, String subject, JsonNode parameters, Map<String, Digest> inputs) {}

    /** What a step made: values, and files that it has put into the blob store. */
    record Output(Map<String, JsonNode> values, Map<String, Digest> files) {
        public Output {
            values = Map.copyOf(values);
            files = Map.copyOf(files);
        }

        public static Output none() {
            return new Output(Map.of(), Map.of());
        }

        public static Output values(Map<String, JsonNode> values) {
            return new Output(values, Map.of());
        }
    }
}
