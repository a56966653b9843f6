package dev.perennial.serving;

import dev.perennial.kernel.Json;
import dev.perennial.predictionlog.CallTally;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.Segment;
import dev.perennial.predictionlog.ShadowRecord;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * Tallies of an endpoint's calls by minute: what rollouts without labels are judged by. They enter in the transaction that takes their
 * segment, so that a segment delivered twice counts once. Thread-safe.
 */
public final class BlockTallies {
    /** The shortest block; longer ones are whole numbers of it. */
    public static final long MINUTE_MILLIS = 60_000;

    private final Database database;

    public BlockTallies(Database database) {
        this.database = database;
    }

    /** Which calls a tally is of. */
    public enum Part {
        /** Calls of a version on trial: a canary's answers and a shadow's copies. */
        CANDIDATE,
        /** Answers of the champion to callers drawn as the candidate's are; before a rollout one half of all. */
        CONTROL,
        /** The champion's other answers. */
        REST
    }

    /**
     * One tally.
     *
     * @param minute when its minute began, epoch milliseconds
     */
    public record Entry(String version, Part part, long minute, BlockTally tally) {}

    private record Cell(String version, Part part, long minute) {
        Cell until(long latest) {
            return new Cell(version, part, Math.min(latest, minute));
        }
    }

    /**
     * Adds up a segment that was not known before. Calls of a scorer whose clock is ahead count in the minute in which they arrive: a later
     * step of a rollout must not take them for its own.
     *
     * @param now the server's clock
     */
    static void add(Transaction tx, Segment segment, long now) {
        long latest = Math.floorDiv(now, MINUTE_MILLIS) * MINUTE_MILLIS;
        Map<Cell, BlockTally> cells = new HashMap<>();
        for (LogRecord record : segment) {
            switch (record) {
                case PredictionRecord prediction -> add(cells, prediction);
                case ShadowRecord pair
                when pair.pair() ->
                    cells.merge(
                            cell(pair.served().version(), Part.CANDIDATE, record),
                            BlockTally.pair(pair),
                            BlockTally::plus);
                case ShadowRecord shadow ->
                    cells.merge(
                            cell(shadow.version(), Part.CANDIDATE, record),
                            BlockTally.shadow(shadow),
                            BlockTally::plus);
            }
        }
        for (CallTally calls : segment.calls()) {
            Cell cell = new Cell(calls.version(), part(calls.group()), calls.minute() * MINUTE_MILLIS);
            cells.merge(cell, BlockTally.of(calls), BlockTally::plus);
        }
        String endpoint = segment.header().endpoint();
        cells.forEach((cell, tally) -> add(tx, endpoint, cell.until(latest), tally));
    }

    private static void add(Map<Cell, BlockTally> cells, PredictionRecord record) {
        PredictionRecord.Failure failure = record.failure();
        if (record.role() == Role.CHAMPION) {
            Part part = record.answer().control() ? Part.CONTROL : Part.REST;
            cells.merge(cell(record.version(), part, record), BlockTally.champion(record), BlockTally::plus);
        } else if (record.role() == Role.CANARY) {
            cells.merge(cell(record.version(), Part.CANDIDATE, record), BlockTally.candidate(record), BlockTally::plus);
        } else if (failure != null) {
            cells.merge(
                    cell(failure.version(), Part.CANDIDATE, record), BlockTally.candidate(record), BlockTally::plus);
        }
    }

    private static Part part(CallTally.Group group) {
        return switch (group) {
            case CANDIDATE -> Part.CANDIDATE;
            case CONTROL -> Part.CONTROL;
            case REST -> Part.REST;
        };
    }

    private static Cell cell(String version, Part part, LogRecord record) {
        return new Cell(version, part, Math.floorDiv(record.predictedAt(), MINUTE_MILLIS) * MINUTE_MILLIS);
    }

    private static void add(Transaction tx, String endpoint, Cell cell, BlockTally tally) {
        BlockTally before = tx.sql()
                .createQuery("select body from block_tally where endpoint = :endpoint and version = :version"
                        + " and part = :part and minute = :minute")
                .bind("endpoint", endpoint)
                .bind("version", cell.version())
                .bind("part", cell.part().name())
                .bind("minute", cell.minute())
                .mapTo(String.class)
                .findOne()
                .map(body -> Json.read(body, BlockTally.class))
                .orElse(BlockTally.NONE);
        tx.sql()
                .createUpdate("insert into block_tally (endpoint, version, part, minute, body)"
                        + " values (:endpoint, :version, :part, :minute, :body)"
                        + " on conflict (endpoint, minute, version, part) do update set body = excluded.body")
                .bind("endpoint", endpoint)
                .bind("version", cell.version())
                .bind("part", cell.part().name())
                .bind("minute", cell.minute())
                .bind("body", Json.canonical(before.plus(tally)))
                .execute();
    }

    /** Tallies of the minutes that begin in {@code [from, to)}, by minute. */
    public List<Entry> between(String endpoint, long from, long to) {
        return database.read(sql -> between(sql, endpoint, from, to));
    }

    /** The same inside a transaction. */
    public static List<Entry> between(Handle sql, String endpoint, long from, long to) {
        return sql.createQuery("select * from block_tally where endpoint = :endpoint"
                        + " and minute >= :from and minute < :to order by minute, version, part")
                .bind("endpoint", endpoint)
                .bind("from", from)
                .bind("to", to)
                .map((row, context) -> new Entry(
                        row.getString("version"),
                        Part.valueOf(row.getString("part")),
                        row.getLong("minute"),
                        Json.read(row.getString("body"), BlockTally.class)))
                .list();
    }

    /** Forgets minutes before {@code until}. Returns how many tallies that were. */
    public int forget(long until) {
        return database.write(tx -> tx.sql()
                .createUpdate("delete from block_tally where minute < :until")
                .bind("until", until)
                .execute());
    }
}
