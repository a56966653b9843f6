package dev.perennial.serving;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.Segment;
import dev.perennial.predictionlog.SegmentReader;
import dev.perennial.predictionlog.Tally;
import dev.perennial.store.BlobStore;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes sealed segments of the prediction log from scorers. The bytes become a blob, one row with the Merkle root enters the database;
 * a segment delivered twice counts once. Thread-safe.
 */
public final class PredictionLog {
    private static final long MINUTE_MILLIS = 60_000;

    private final Database database;
    private final BlobStore blobs;
    private final InstantSource clock;

    public PredictionLog(Database database, BlobStore blobs, InstantSource clock) {
        this.database = database;
        this.blobs = blobs;
        this.clock = clock;
    }

    /** Stores a segment that a scorer delivers; one that another scorer wrote is refused. */
    public void accept(String scorer, byte[] bytes, String root) {
        accept(bytes, root, scorer, endpoint -> true);
    }

    /**
     * As {@link #accept(String, byte[], String)}, from a scorer that may deliver for some endpoints only.
     *
     * @param mine which endpoints
     */
    public void accept(String scorer, Predicate<String> mine, byte[] bytes, String root) {
        accept(bytes, root, scorer, mine);
    }

    /**
     * Stores a delivered segment; durable when it returns. A segment that is not sealed, or whose root is another than the scorer says, is refused.
     */
    public void accept(byte[] bytes, String root) {
        accept(bytes, root, null, endpoint -> true);
    }

    private void accept(byte[] bytes, String root, @Nullable String scorer, Predicate<String> mine) {
        Segment segment = SegmentReader.read(bytes);
        if (!segment.sealed() || !segment.root().hex().equals(root)) {
            throw PerennialException.invalid(
                    "segment",
                    "the segment's root is " + segment.root() + (segment.sealed() ? "" : " and it has no seal")
                            + ", announced was " + root);
        }
        var header = segment.header();
        if (scorer != null && !scorer.equals(header.scorer())) {
            throw PerennialException.invalid(
                    "segment",
                    "the segment was written by scorer '" + header.scorer() + "', '" + scorer + "' may not deliver it");
        }
        if (!mine.test(header.endpoint())) {
            throw PerennialException.invalid(
                    "segment", "scorer '" + scorer + "' may not deliver for endpoint '" + header.endpoint() + "'");
        }
        if (known(header.scorer(), header.generation(), header.number())) {
            return;
        }
        Span span = Span.of(segment);
        Digest blob = blobs.put(bytes);
        database.writing(tx -> {
            tally(tx, segment);
            int fresh = tx.sql()
                    .createUpdate(
                            "insert into segment (scorer, generation, number, model, root, blob, records, first_event,"
                                    + " last_event, received_at) values (:scorer, :generation, :number, :model, :root, :blob, :records, :first,"
                                    + " :last, :now) on conflict do nothing")
                    .bind("scorer", header.scorer())
                    .bind("generation", Long.toString(header.generation()))
                    .bind("number", header.number())
                    .bind("model", header.endpoint())
                    .bind("root", root)
                    .bind("blob", blob.hex())
                    .bind("records", segment.count())
                    .bind("first", span.first)
                    .bind("last", span.last)
                    .bind("now", clock.millis())
                    .execute();
            if (fresh == 1 && tallied(tx, header.endpoint())) {
                BlockTallies.add(tx, segment, clock.millis());
            }
        });
    }

    /** Endpoints of a lifecycle file are judged by days. */
    private static boolean tallied(Transaction tx, String endpoint) {
        return tx.sql()
                        .createQuery("select count(*) from endpoint where name = :endpoint and origin = 'api'")
                        .bind("endpoint", endpoint)
                        .mapTo(Integer.class)
                        .one()
                > 0;
    }

    private static void tally(Transaction tx, Segment segment) {
        var header = segment.header();
        Map<List<Object>, Tally> sums = new LinkedHashMap<>();
        segment.tallies()
                .forEach(tally ->
                        sums.merge(List.of(tally.minute(), tally.version(), tally.role()), tally, Tally::plus));
        for (Tally tally : sums.values()) {
            tx.sql()
                    .createUpdate(
                            "insert into answer_tally (scorer, generation, number, model, minute, version, role, answered,"
                                    + " logged, errors) values (:scorer, :generation, :number, :model, :minute, :version, :role, :answered,"
                                    + " :logged, :errors) on conflict do nothing")
                    .bind("scorer", header.scorer())
                    .bind("generation", Long.toString(header.generation()))
                    .bind("number", header.number())
                    .bind("model", header.endpoint())
                    .bind("minute", tally.minute())
                    .bind("version", tally.version())
                    .bind("role", tally.role().word())
                    .bind("answered", tally.rows())
                    .bind("logged", tally.logged())
                    .bind("errors", tally.errors())
                    .execute();
        }
    }

    /**
     * What scorers answered in minutes of {@code [from, to)} that their logs do not tell, by minute, version and role; several scorers add
     * up. All rows answered are those in the log plus {@code rows - logged} of each of these.
     *
     * @param from epoch millis by the scorers' clocks
     * @param to epoch millis by the scorers' clocks
     */
    public List<Tally> tallies(ModelId model, long from, long to) {
        return tallies(model, from, to, 1);
    }

    /**
     * The same, added up over so many minutes.
     *
     * @param every minutes; each tally's minute is a multiple of it
     */
    public List<Tally> tallies(ModelId model, long from, long to, int every) {
        return database.read(sql -> sql.createQuery(
                        "select minute, version, role, sum(answered) as answered, sum(logged) as logged, sum(errors) as"
                                + " errors from (select minute / :every * :every as minute, version, role, answered,"
                                + " logged, errors from answer_tally where model = :model and minute >= :from and minute"
                                + " < :to) each group by minute, version, role order by minute, version, role")
                .bind("every", every)
                .bind("model", model.toString())
                .bind("from", Math.ceilDiv(from, MINUTE_MILLIS))
                .bind("to", Math.ceilDiv(to, MINUTE_MILLIS))
                .map((row, context) -> new Tally(
                        row.getLong("minute"),
                        row.getString("version"),
                        Role.valueOf(row.getString("role").toUpperCase(Locale.ROOT)),
                        row.getLong("answered"),
                        row.getLong("logged"),
                        row.getLong("errors")))
                .list());
    }

    /** Every record whose event lies in {@code [from, to)}, in the order in which segments arrived. */
    public void between(ModelId model, long from, long to, Consumer<LogRecord> each) {
        List<Digest> segments = database.read(sql -> sql.createQuery("select blob from segment where model = :model"
                        + " and first_event < :to and last_event >= :from order by generation, number, scorer")
                .bind("model", model.toString())
                .bind("from", from)
                .bind("to", to)
                .map((row, context) -> new Digest(row.getString("blob")))
                .list());
        for (Digest blob : segments) {
            for (LogRecord record : SegmentReader.read(blobs.bytes(blob))) {
                if (record.eventTime() >= from && record.eventTime() < to && answered(record)) {
                    each.accept(record);
                }
            }
        }
    }

    /** A call that nobody could answer is in the log to be counted; there is no answer that an outcome could belong to. */
    private static boolean answered(LogRecord record) {
        return !(record instanceof PredictionRecord prediction
                && prediction.failure() != null
                && (prediction.role() == Role.CHAMPION || Double.isNaN(prediction.score())));
    }

    /** Records delivered so far; a prediction that was delivered in two segments counts twice. */
    public long count(ModelId model) {
        return database.read(
                sql -> sql.createQuery("select coalesce(sum(records), 0) from segment where model = :model")
                        .bind("model", model.toString())
                        .mapTo(Long.class)
                        .one());
    }

    private boolean known(String scorer, long generation, long number) {
        return database.read(sql -> sql.createQuery(
                                "select count(*) from segment where scorer = :scorer and generation = :generation and number = :number")
                        .bind("scorer", scorer)
                        .bind("generation", Long.toString(generation))
                        .bind("number", number)
                        .mapTo(Integer.class)
                        .one())
                > 0;
    }

    private record Span(long first, long last) {
        static Span of(Segment segment) {
            long first = Long.MAX_VALUE;
            long last = Long.MIN_VALUE;
            for (LogRecord record : segment) {
                first = Math.min(first, record.eventTime());
                last = Math.max(last, record.eventTime());
            }
            return new Span(first, last);
        }
    }
}
