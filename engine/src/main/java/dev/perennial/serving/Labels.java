package dev.perennial.serving;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.BlobStore;
import dev.perennial.store.Database;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes outcomes. A batch is one blob of JSON lines and one row, both durable when {@link #accept} returns; a batch sent twice is
 * stored once and counts once. Thread-safe.
 */
public final class Labels {
    /** Labels in one call. */
    public static final int BATCH_MAX = 20_000;

    private static final int ID_CHARS_MAX = 512;

    private final Database database;
    private final BlobStore blobs;
    private final InstantSource clock;

    public Labels(Database database, BlobStore blobs, InstantSource clock) {
        this.database = database;
        this.blobs = blobs;
        this.clock = clock;
    }

    /** Stores a batch; {@code now} is the model's clock: outcomes from its future are refused. Returns how many are new to the store. */
    public int accept(ModelId model, List<Label> labels, long now) {
        if (labels.isEmpty() || labels.size() > BATCH_MAX) {
            throw PerennialException.invalid("labels", labels.size() + " labels in one call; send 1 to " + BATCH_MAX);
        }
        labels.forEach(label -> check(label, now));
        Digest blob = blobs.put(lines(labels));
        long first = labels.stream().mapToLong(Label::eventTime).min().orElseThrow();
        long last = labels.stream().mapToLong(Label::eventTime).max().orElseThrow();
        return database.write(tx -> {
            int known = tx.sql()
                    .createQuery("select count(*) from label_batch where model = :model and blob = :blob")
                    .bind("model", model.toString())
                    .bind("blob", blob.hex())
                    .mapTo(Integer.class)
                    .one();
            if (known > 0) {
                return 0;
            }
            tx.sql()
                    .createUpdate(
                            "insert into label_batch (model, number, blob, labels, first_event, last_event, received_at)"
                                    + " select :model, coalesce(max(number), 0) + 1, :blob, :labels, :first, :last, :now"
                                    + " from label_batch where model = :model")
                    .bind("model", model.toString())
                    .bind("blob", blob.hex())
                    .bind("labels", labels.size())
                    .bind("first", first)
                    .bind("last", last)
                    .bind("now", clock.millis())
                    .execute();
            return labels.size();
        });
    }

    /** The outcome of each prediction whose event lies in {@code [from, to)}, by id; the latest known one where there are several. */
    public Map<String, Label> between(ModelId model, long from, long to) {
        List<Digest> batches = database.read(sql -> sql.createQuery(
                        "select blob from label_batch where model = :model and first_event < :to and last_event >= :from order by number")
                .bind("model", model.toString())
                .bind("from", from)
                .bind("to", to)
                .map((row, context) -> new Digest(row.getString("blob")))
                .list());
        Map<String, Label> byId = new HashMap<>();
        for (Digest batch : batches) {
            read(batch, label -> {
                if (label.eventTime() >= from && label.eventTime() < to) {
                    byId.merge(label.id(), label, (old, newer) -> newer.knownAt() >= old.knownAt() ? newer : old);
                }
            });
        }
        return byId;
    }

    /** Number of labels received; a label sent again under another batch counts again. */
    public long count(ModelId model) {
        return database.read(
                sql -> sql.createQuery("select coalesce(sum(labels), 0) from label_batch where model = :model")
                        .bind("model", model.toString())
                        .mapTo(Long.class)
                        .one());
    }

    private void read(Digest batch, java.util.function.Consumer<Label> each) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(blobs.open(batch), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                each.accept(Json.read(line, Label.class));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read labels " + batch, e);
        }
    }

    private static byte[] lines(List<Label> labels) {
        StringBuilder text = new StringBuilder();
        labels.forEach(label -> text.append(Json.write(label)).append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void check(Label label, long now) {
        if (label.id().isEmpty()
                || label.id().length() > ID_CHARS_MAX
                || label.id().chars().anyMatch(Character::isISOControl)) {
            throw PerennialException.invalid(
                    "labels.id", "prediction id '" + label.id() + "' must have 1 to 512 printable characters");
        }
        if (label.label() != 0 && label.label() != 1) {
            throw PerennialException.invalid(
                    "labels.label", "label " + label.label() + " of '" + label.id() + "' must be 0 or 1");
        }
        if (label.knownAt() > now) {
            throw PerennialException.invalid(
                    "labels.knownAt",
                    "label of '" + label.id() + "' is known at " + java.time.Instant.ofEpochMilli(label.knownAt())
                            + ", in the future of the model's clock " + java.time.Instant.ofEpochMilli(now));
        }
    }
}
