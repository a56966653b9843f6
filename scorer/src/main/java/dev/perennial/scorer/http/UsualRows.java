package dev.perennial.scorer.http;

import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Instance;
import dev.perennial.scorer.serving.Schema;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a body of the usual form, as long as nothing is wrong with them. Readers of one pass fill them and give up at whatever they do
 * not know; the body is read again then by the full reader, which refuses it in words or takes it. Used for one body; not thread-safe.
 */
public final class UsualRows {
    /** Longer bodies could hold more tokens than the full readers take. */
    private static final int BYTES_MAX = 1 << 20;

    private final Endpoint endpoint;
    private final Problems problems = new Problems();
    private final RowBuilder builder;
    private final int rowsMax;
    private final Supplier<String> ids;
    private final List<Instance> rows = new ArrayList<>(1);

    /** A reader of one pass. */
    public interface Reader {
        /** Whether the body was read to its end and each row in it was ended. */
        boolean read(UsualRows rows, JsonCursor json);
    }

    UsualRows(Endpoint endpoint, InstantSource clock, int rowsMax, Supplier<String> ids) {
        this.endpoint = endpoint;
        this.builder = new RowBuilder(endpoint, clock, problems);
        this.rowsMax = rowsMax;
        this.ids = ids;
    }

    /**
     * The rows of a body; null when somebody else has to read it.
     *
     * @param json length of the JSON with which the body begins
     */
    @Nullable
    List<Instance> read(byte[] body, int json, Reader reader) {
        return read(body.length, all -> reader.read(all, new JsonCursor(body, json)));
    }

    /** The rows of a request of so many bytes, which the reader reads to its end; null when it does not. */
    @Nullable
    List<Instance> read(int bytes, Predicate<UsualRows> reader) {
        return bytes <= BYTES_MAX && reader.test(this) ? rows : null;
    }

    public Schema schema() {
        return endpoint.schema();
    }

    /** Begins a row. */
    public RowBuilder begin() {
        builder.begin("");
        return builder;
    }

    /**
     * Ends a row; false when something is wrong with it, or it is one too many.
     *
     * @param fallbackId as {@link RowBuilder#end} takes it
     */
    public boolean end(@Nullable String fallbackId) {
        if (rows.size() == rowsMax || !problems.none()) {
            return false;
        }
        rows.add(builder.end(fallbackId));
        return problems.none();
    }

    /** A new prediction id. */
    public String newId() {
        return ids.get();
    }
}
