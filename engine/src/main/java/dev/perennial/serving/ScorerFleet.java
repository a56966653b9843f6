package dev.perennial.serving;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who scores, and what they were told. Scorers ask for the configuration by long poll; the poll is their sign of life and says which
 * revision they run. Thread-safe.
 */
public final class ScorerFleet implements AutoCloseable {
    /** A scorer that was silent for longer is not waited for. */
    static final Duration SILENT_AFTER = Duration.ofSeconds(30);

    /** The protocols of scorers that this server speaks; the last is the newest. */
    public static final List<Integer> PROTOCOLS = List.of(1, 2);

    private static final List<Integer> SEGMENTS = List.of(1);
    private static final long HEARTBEAT_MILLIS = 20_000;
    private static final long WAKE_MILLIS = 50;
    private static final long LOOK_NANOS = 250_000_000L;
    private static final int READS_MAX = 5;

    private final Database database;
    private final Endpoints endpoints;
    private final InstantSource clock;
    private final ServingAccess access;
    private final String build;
    private final ScorerInstances instances;
    private final Object changed = new Object();
    private volatile boolean closed;
    private long notedAt;
    private @Nullable Noted noted;

    public ScorerFleet(Database database, Endpoints endpoints, InstantSource clock) {
        this(database, endpoints, clock, ServingAccess.OPEN, "unknown");
    }

    /**
     * @param access who may ask scorers
     * @param build of this program
     */
    public ScorerFleet(
            Database database, Endpoints endpoints, InstantSource clock, ServingAccess access, String build) {
        this.database = database;
        this.endpoints = endpoints;
        this.clock = clock;
        this.access = access;
        this.build = build;
        this.instances = new ScorerInstances(clock);
    }

    /**
     * One scorer as last seen.
     *
     * @param protocol that it speaks
     * @param build of its program; null when it does not say
     * @param host that it runs on; null when it does not say
     * @param endpoints that it may serve; null for all
     * @param environments of Python models that it does not serve yet
     */
    public record Scorer(
            String id,
            String url,
            long applied,
            long flushed,
            long seenAt,
            boolean alive,
            int protocol,
            @Nullable String build,
            @Nullable String host,
            @Nullable List<String> endpoints,
            List<MissingEnvironment> environments) {
        public boolean serves(String endpoint) {
            return endpoints == null || endpoints.contains(endpoint);
        }

        /** What it lacks of an endpoint. */
        public List<MissingEnvironment> missing(ModelId endpoint) {
            return environments.stream()
                    .filter(one -> one.endpoint().equals(endpoint.toString()))
                    .toList();
        }
    }

    /**
     * A scorer comes, or comes back.
     *
     * @param own whether this server started it, and so can replace it
     * @param mine the endpoints that it may serve; null for all
     * @throws PerennialException when there is no protocol or no segment format that both speak, or another scorer of that name is alive
     */
    public ScorerWelcome hello(String id, ScorerHello said, boolean own, @Nullable List<String> mine) {
        int protocol = common("protocol", PROTOCOLS, said.protocols());
        int segment = common("segment format", SEGMENTS, said.segments());
        database.writing(tx -> {
            if (!instances.claim(tx, id, said.instance())) {
                return;
            }
            tx.sql()
                    .createUpdate("insert into scorer (id, url, applied, flushed, seen_at, protocol, build, host,"
                            + " endpoints, environments) values (:id, '', 0, 0, :now, :protocol, :build, :host,"
                            + " :endpoints, :environments) on conflict (id) do"
                            + " update set protocol = excluded.protocol, build = excluded.build, host = excluded.host,"
                            + " endpoints = excluded.endpoints, environments = excluded.environments")
                    .bind("id", id)
                    .bind("now", 0L)
                    .bind("protocol", protocol)
                    .bind("build", said.build())
                    .bind("host", said.host())
                    .bind("endpoints", mine == null ? null : Json.write(mine))
                    .bind("environments", Json.write(told(said, mine)))
                    .execute();
            instances.note(tx, id, said.instance());
        });
        boolean other = own && !said.build().equals(build);
        return new ScorerWelcome(protocol, segment, id, HEARTBEAT_MILLIS, other ? build : null);
    }

    /** What it says of endpoints that it may serve. */
    private static List<MissingEnvironment> told(ScorerHello said, @Nullable List<String> mine) {
        return said.environments().stream()
                .filter(missing -> mine == null || mine.contains(missing.endpoint()))
                .toList();
    }

    private static int common(String what, List<Integer> ours, List<Integer> theirs) {
        return ours.stream()
                .filter(theirs::contains)
                .max(Integer::compare)
                .orElseThrow(() -> PerennialException.invalid(
                        what.replace(" format", "") + "s",
                        "the scorer speaks " + what + " " + theirs + ", this server " + ours
                                + "; use programs of nearer releases"));
    }

    /** Ends all waiting, so that a server that stops is not held up by scorers that ask. */
    @Override
    public void close() {
        closed = true;
        wake();
    }

    /** Wakes waiting scorers; call after a commit that changed endpoints. */
    public void wake() {
        synchronized (changed) {
            changed.notifyAll();
        }
    }

    /**
     * The configuration once it is newer than {@code known}; empty when {@code wait} has passed, or when rights change faster than they can
     * be read.
     */
    public Optional<ScorerConfig> poll(ScorerPoll asked, Duration wait) {
        seen(asked);
        boolean newer = await(wait, () -> {
            watchAccess();
            return endpoints.revision() > asked.known();
        });
        return newer ? config(asked) : Optional.empty();
    }

    /** Rights that are told have been noted as told: who loses one again within the same moment is told of all the same. */
    private Optional<ScorerConfig> config(ScorerPoll asked) {
        for (int i = 0; i < READS_MAX; i++) {
            Noted before = noteAccess();
            ScorerConfig whole = endpoints.config();
            ScorerConfig config = told(whole, asked);
            if (before.equals(new Noted(access.version(), whole.revision()))) {
                return Optional.of(config);
            }
        }
        return Optional.empty();
    }

    private ScorerConfig told(ScorerConfig whole, ScorerPoll asked) {
        List<ScorerConfig.Endpoint> served = whole.endpoints().stream()
                .filter(endpoint -> asked.mine().test(endpoint.name()))
                .flatMap(endpoint -> endpoint.in(asked.protocol()).stream())
                .toList();
        return whole.with(
                served,
                access.of(served.stream().map(ScorerConfig.Endpoint::name).toList()));
    }

    /** Tells scorers anew when somebody's right to ask them has changed; a look a quarter of a second, however many ask. */
    private synchronized void watchAccess() {
        if (noted == null || System.nanoTime() - notedAt >= LOOK_NANOS) {
            noteAccess();
        }
    }

    /** Raises the revision when rights are others than those noted last. Returns what is noted now. */
    private synchronized Noted noteAccess() {
        notedAt = System.nanoTime();
        Noted now = new Noted(access.version(), endpoints.revision());
        if (now.equals(noted)) {
            return now;
        }
        List<String> all = endpoints.config().endpoints().stream()
                .map(ScorerConfig.Endpoint::name)
                .toList();
        String digest = access.digest(all);
        database.writing(tx -> {
            int changed = tx.sql()
                    .createUpdate("update serving_access set digest = :digest where digest <> :digest")
                    .bind("digest", digest)
                    .execute();
            if (changed > 0) {
                Endpoints.raise(tx);
            }
        });
        noted = now;
        return now;
    }

    /** Which rights, to the endpoints of which revision, were looked at; telling them apart costs two counters. */
    private record Noted(long version, long revision) {}

    /** Whether a blob is a file of some version of these endpoints. */
    public boolean names(Digest digest, Predicate<String> mine) {
        String hex = digest.hex();
        return endpoints.config().endpoints().stream()
                .filter(endpoint -> mine.test(endpoint.name()))
                .flatMap(endpoint -> endpoint.variants().stream())
                .map(ScorerConfig.ServedVariant::model)
                .anyMatch(files -> files.manifest().equals(hex) || files.file().equals(hex));
    }

    /** The manifests of the Python models of these endpoints: they name further files. */
    public List<Digest> folders(Predicate<String> mine) {
        return endpoints.config().endpoints().stream()
                .filter(endpoint -> mine.test(endpoint.name()))
                .flatMap(endpoint -> endpoint.variants().stream())
                .map(ScorerConfig.ServedVariant::model)
                .filter(files -> files.environment() != null)
                .map(files -> new Digest(files.manifest()))
                .distinct()
                .toList();
    }

    /** Which versions of its endpoints a scorer cannot serve, since it is too old; they are left out of what it is told. */
    public List<String> leftOut(Scorer scorer) {
        return endpoints.config().endpoints().stream()
                .filter(endpoint -> scorer.serves(endpoint.name()))
                .flatMap(endpoint -> endpoint.variants().stream())
                .filter(variant -> variant.protocol() > scorer.protocol())
                .map(ScorerConfig.ServedVariant::version)
                .toList();
    }

    /** As {@link #flushed(String, long, ScorerInstance)}, from a program that does not say which it is. */
    public void flushed(String id, long number) {
        flushed(id, number, null);
    }

    /**
     * A scorer has delivered all that it had logged when it heard of flush {@code number}. From a run that another one has taken the place
     * of it does not count: that one answers already, and says it when both have delivered.
     *
     * @param instance which program of that name says it; null when it does not say
     */
    public void flushed(String id, long number, @Nullable ScorerInstance instance) {
        database.writing(tx -> tx.sql()
                .createUpdate(
                        "update scorer set flushed = :number where id = :id and flushed < :number and generation <="
                                + " :generation")
                .bind("number", number)
                .bind("id", id)
                .bind("generation", instance == null ? 0 : instance.generation())
                .execute());
        wake();
    }

    /** Lets every live scorer deliver its log and waits for it. Fails with {@code UNAVAILABLE} when one does not answer in time. */
    public void flush(Duration patience) {
        long number = endpoints.askForFlush();
        wake();
        if (!await(patience, () -> alive().stream().allMatch(scorer -> scorer.flushed() >= number))) {
            throw late("deliver their prediction log");
        }
    }

    /**
     * Lets every live scorer deliver its log. Returns the moment before which everything that was answered is here; empty when one does not
     * answer in time.
     */
    public OptionalLong delivered(Duration patience) {
        long asked = clock.millis();
        long number = endpoints.askForFlush();
        wake();
        boolean all = await(patience, () -> alive().stream().allMatch(scorer -> scorer.flushed() >= number));
        return all ? OptionalLong.of(asked) : OptionalLong.empty();
    }

    /** Waits until every live scorer runs the newest configuration. Fails with {@code UNAVAILABLE} when one does not in time. */
    public void settle(Duration patience) {
        if (!settled(patience)) {
            throw late("apply the newest configuration");
        }
    }

    /** Waits until every live scorer runs the newest configuration; false when one does not in time and will take it over later. */
    public boolean settled(Duration patience) {
        wake();
        long revision = endpoints.revision();
        return await(patience, () -> alive().stream().allMatch(scorer -> scorer.applied() >= revision));
    }

    public List<Scorer> scorers() {
        long now = clock.millis();
        return database.read(sql -> sql.createQuery("select * from scorer order by id")
                .map((row, context) -> new Scorer(
                        row.getString("id"),
                        row.getString("url"),
                        row.getLong("applied"),
                        row.getLong("flushed"),
                        row.getLong("seen_at"),
                        now - row.getLong("seen_at") < SILENT_AFTER.toMillis(),
                        Math.max(1, row.getInt("protocol")),
                        row.getString("build"),
                        row.getString("host"),
                        endpoints(row.getString("endpoints")),
                        environments(row.getString("environments"))))
                .list());
    }

    private static @Nullable List<String> endpoints(@Nullable String json) {
        return json == null ? null : List.of(Json.read(json, String[].class));
    }

    private static List<MissingEnvironment> environments(@Nullable String json) {
        return json == null ? List.of() : List.of(Json.read(json, MissingEnvironment[].class));
    }

    private List<Scorer> alive() {
        return scorers().stream().filter(Scorer::alive).toList();
    }

    private void seen(ScorerPoll asked) {
        long now = clock.millis();
        database.writing(tx -> {
            if (!instances.claim(tx, asked.id(), asked.instance())) {
                return; // of a run that drains while the next one answers
            }
            tx.sql()
                    .createUpdate(
                            "insert into scorer (id, url, applied, flushed, seen_at, protocol) values (:id, :url, :applied, 0, :now, :protocol)"
                                    + " on conflict (id) do update set url = excluded.url, applied = excluded.applied,"
                                    + " seen_at = excluded.seen_at, protocol = excluded.protocol,"
                                    + " build = case when excluded.protocol = 1 then null else scorer.build end")
                    .bind("id", asked.id())
                    .bind("url", asked.url())
                    .bind("applied", asked.applied())
                    .bind("protocol", asked.protocol())
                    .bind("now", now)
                    .execute();
            instances.note(tx, asked.id(), asked.instance());
            endpoints.cool(tx, now);
        });
        wake();
    }

    private static PerennialException late(String what) {
        return new PerennialException(
                ErrorCode.UNAVAILABLE,
                "not every scorer could " + what + " in time; see 'perennial status' for the ones that are silent");
    }

    private boolean await(Duration wait, BooleanSupplier condition) {
        long deadline = System.nanoTime() + wait.toNanos();
        while (!condition.getAsBoolean()) {
            long left = deadline - System.nanoTime();
            if (left <= 0 || closed) {
                return false;
            }
            synchronized (changed) {
                try {
                    changed.wait(Math.max(1, Math.min(WAKE_MILLIS, left / 1_000_000)));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
        }
        return true;
    }
}
