package dev.perennial.scorer;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.python.PythonLimits;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The scorer's settings; each is a command-line flag of the same name.
 *
 * @param server {@code --server}: base URL of the server
 * @param id {@code --id}: name of this scorer, stable over restarts
 * @param port {@code --port}: where to listen on loopback; 0 takes a free port
 * @param spool {@code --spool}: folder of the prediction log and of the last good configuration; one scorer each
 * @param blobs {@code --blobs}: folder of model files by digest
 * @param tokenFile {@code --token-file}: holds the token for the server's internal routes
 * @param installation {@code --installation}: id of the installation that started it; a server of another one is not served. Empty: any
 * @param natives {@code --native}: where native libraries are unpacked once; by default {@code native} beside the blobs
 * @param limits what keeps memory, disk and time bounded
 * @param python how Python models are run
 * @param defaultEndpoint {@code --default-endpoint}: answers MLflow's routes that name no endpoint, {@code /invocations}. Empty: none does
 * @param telemetry where traces go
 * @param network where it listens, how it reaches its server
 */
public record ScorerSettings(
        URI server,
        String id,
        int port,
        Path spool,
        Path blobs,
        Path tokenFile,
        String installation,
        Path natives,
        Limits limits,
        Python python,
        String defaultEndpoint,
        Telemetry telemetry,
        Network network) {
    private static final Set<String> REQUIRED = Set.of("server", "id", "spool", "blobs");
    private static final Set<String> LIMITS = Set.of(
            "spool-bytes",
            "segment-bytes",
            "segment-age-millis",
            "batch-rows",
            "body-bytes",
            "shadow-rows",
            "queued-requests",
            "event-loops",
            "python-resident-bytes",
            "python-timeout-millis",
            "python-start-millis",
            "python-recycle-after",
            "model-memory",
            "drain-wait",
            "log-memory");
    private static final Set<String> OPTIONAL = Set.of(
            "port",
            "native",
            "installation",
            "environments",
            "make-environments",
            "python-dirs",
            "default-endpoint",
            "otlp-endpoint",
            "trace-share",
            "token-file",
            "host",
            "tls-cert",
            "tls-key",
            "server-ca",
            "url",
            "standalone",
            "replace",
            "build");
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1", "[::1]");
    private static final int PORT_MAX = 65_535;

    /** One of the installation itself that sends no traces. */
    public ScorerSettings(
            URI server,
            String id,
            int port,
            Path spool,
            Path blobs,
            Path tokenFile,
            String installation,
            Path natives,
            Limits limits,
            Python python,
            String defaultEndpoint) {
        this(
                server,
                id,
                port,
                spool,
                blobs,
                tokenFile,
                installation,
                natives,
                limits,
                python,
                defaultEndpoint,
                Telemetry.NONE,
                Network.LOOPBACK);
    }

    /**
     * @param collector {@code --otlp-endpoint}: takes spans by OTLP over HTTP; a URL without a path gets {@code /v1/traces}. Null: no spans
     *     are made. {@link ScorerMain} takes it from {@code OTEL_EXPORTER_OTLP_ENDPOINT} when the flag is missing
     * @param traceShare {@code --trace-share}: share of the requests that are traced although their caller says nothing, from 0 to 1
     */
    public record Telemetry(@Nullable URI collector, double traceShare) {
        static final Telemetry NONE = new Telemetry(null, 0);

        private static Telemetry of(Map<String, String> flags) {
            return new Telemetry(collector(flags.get("otlp-endpoint")), share(flags.getOrDefault("trace-share", "0")));
        }

        private static @Nullable URI collector(@Nullable String text) {
            if (text == null) {
                return null;
            }
            URI uri;
            try {
                uri = URI.create(text);
            } catch (IllegalArgumentException e) {
                throw notACollector(text);
            }
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (!http || uri.getHost() == null) {
                throw notACollector(text);
            }
            String path = String.valueOf(uri.getPath());
            return path.isEmpty() || path.equals("/") ? uri.resolve("/v1/traces") : uri;
        }

        private static PerennialException notACollector(String text) {
            return PerennialException.invalid(
                    "otlp-endpoint", "--otlp-endpoint '" + text + "' must look like http://127.0.0.1:4318");
        }

        private static double share(String text) {
            try {
                double share = Double.parseDouble(text);
                if (share >= 0 && share <= 1) {
                    return share;
                }
            } catch (NumberFormatException e) {
                // told below
            }
            throw PerennialException.invalid(
                    "trace-share", "--trace-share '" + text + "' must be a number from 0 to 1");
        }
    }

    /**
     * @param spoolBytes {@code --spool-bytes}: scoring goes on without a log when undelivered segments reach this
     * @param segmentBytes {@code --segment-bytes}: a segment of this size is sealed
     * @param segmentAgeMillis {@code --segment-age-millis}: an older segment is sealed
     * @param batchRows {@code --batch-rows}: most records in a request
     * @param bodyBytes {@code --body-bytes}: largest request, also after decompression; by default 64 MiB, or a sixth of the heap when that
     *     is less
     * @param shadowRows {@code --shadow-rows}: rows of an endpoint that wait for shadow variants; further copies are dropped and counted
     * @param queuedRequests {@code --queued-requests}: requests that wait for a foreign model; further ones get 503
     * @param eventLoops {@code --event-loops}: threads that serve connections
     * @param modelBytes {@code --model-memory}: bytes of the files of models that are loaded on demand; beyond it idle ones are closed
     * @param drainWaitMillis {@code --drain-wait}: how long it says that it is not ready before it takes no more connections
     * @param logMemoryBytes {@code --log-memory}: shared memory in which the log waits for a disk that is slow; more is counted only. 0: none,
     *     and answers wait
     */
    public record Limits(
            long spoolBytes,
            long segmentBytes,
            long segmentAgeMillis,
            int batchRows,
            int bodyBytes,
            int shadowRows,
            int queuedRequests,
            int eventLoops,
            long modelBytes,
            int drainWaitMillis,
            int logMemoryBytes) {
        private static final int BODY_BYTES = 64 << 20;
        private static final int HEAP_SHARE = 6;
        private static final int MODEL_SHARE = 4;
        private static final int LOG_UNIT = 4_096;

        /** A body takes three times its size while it is read and answered: by default at most half of the heap. */
        public static final Limits DEFAULT = new Limits(
                1L << 30,
                4L << 20,
                5_000,
                1_000,
                (int) Math.min(BODY_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARE),
                20_000,
                256,
                1,
                Runtime.getRuntime().maxMemory() / MODEL_SHARE,
                0,
                8 << 20);
    }

    /**
     * Where Python models find their interpreters, and what each may take.
     *
     * @param environments {@code --environments}: folder of prepared environments; by default {@code environments} beside the blobs
     * @param make {@code --make-environments}: whether this scorer makes those that are missing; by default a standalone one does, since
     *     nobody else does it on its machine
     * @param dirs {@code --python-dirs}: folders with interpreters beside the search path, separated by commas
     * @param limits {@code --python-resident-bytes}, {@code --python-timeout-millis}, {@code --python-start-millis} and {@code
     *     --python-recycle-after}
     */
    public record Python(Path environments, boolean make, List<String> dirs, PythonLimits limits) {
        /** Of a scorer that makes no environments. */
        public Python(Path environments, PythonLimits limits) {
            this(environments, false, List.of(), limits);
        }
    }

    /**
     * Where a scorer listens and how it reaches its server. Plain HTTP beyond this machine is refused for both.
     *
     * @param host {@code --host}: address to listen on
     * @param certificate {@code --tls-cert}: chain as PEM file; null for plain HTTP
     * @param key {@code --tls-key}: its key as PEM file
     * @param serverCa {@code --server-ca}: PEM file with whom to trust as the server; null for those that the JVM trusts
     * @param url {@code --url}: where others reach this scorer; empty for what follows from host and port
     * @param standalone {@code --standalone}: it was not started by its server: it asks the public routes and fetches model files
     * @param tokenless whether there is no token to show to the server
     * @param build {@code --build}: of the program, as it is told to the server
     * @param replace {@code --replace}: it takes the place of the scorer that has its spool and port, without a gap; see {@link Takeover}
     */
    public record Network(
            String host,
            @Nullable Path certificate,
            @Nullable Path key,
            @Nullable Path serverCa,
            String url,
            boolean standalone,
            boolean tokenless,
            String build,
            boolean replace) {
        /** Of the installation's own scorer. */
        public static final Network LOOPBACK =
                new Network("127.0.0.1", null, null, null, "", false, false, "unknown", false);

        /** Whether others than this machine reach the scorer. */
        public boolean beyondLoopback() {
            return !ScorerSettings.LOOPBACK.contains(host);
        }

        private static Network of(Map<String, String> flags, URI server) {
            Network network = new Network(
                    flags.getOrDefault("host", LOOPBACK.host),
                    file(flags, "tls-cert"),
                    file(flags, "tls-key"),
                    file(flags, "server-ca"),
                    flags.getOrDefault("url", ""),
                    yes(flags, "standalone"),
                    !flags.containsKey("token-file"),
                    flags.getOrDefault("build", LOOPBACK.build),
                    yes(flags, "replace"));
            network.check(server);
            return network;
        }

        private void check(URI server) {
            if ((certificate == null) != (key == null)) {
                throw PerennialException.invalid(
                        "tls-cert", "--tls-cert and --tls-key go together; give both PEM files");
            }
            if (beyondLoopback() && certificate == null) {
                throw PerennialException.invalid(
                        "host",
                        "--host '" + host + "' is beyond this machine and needs TLS: give --tls-cert and --tls-key (PEM"
                                + " files)");
            }
            boolean near = ScorerSettings.LOOPBACK.contains(String.valueOf(server.getHost()));
            if ("http".equals(server.getScheme()) && !near) {
                throw PerennialException.invalid(
                        "server",
                        "--server '" + server
                                + "' is beyond this machine and would be asked without TLS: use https, with"
                                + " --server-ca for a certificate of your own");
            }
            if (tokenless && !(standalone && near)) {
                throw PerennialException.invalid(
                        "token-file",
                        "flag --token-file is missing"
                                + (standalone ? "; 'perennial tokens create --scorer NAME' makes what it holds" : ""));
            }
        }

        private static @Nullable Path file(Map<String, String> flags, String name) {
            String text = flags.get(name);
            if (text == null) {
                return null;
            }
            Path file = Path.of(text).toAbsolutePath();
            if (!Files.isReadable(file)) {
                throw PerennialException.invalid(
                        name, "the PEM file " + file + " of --" + name + " is not there or not readable");
            }
            return file;
        }

        private static boolean yes(Map<String, String> flags, String name) {
            String text = flags.getOrDefault(name, "no");
            if (!text.equals("yes") && !text.equals("no")) {
                throw PerennialException.invalid(name, "--" + name + " '" + text + "' must be yes or no");
            }
            return text.equals("yes");
        }
    }

    /** Reads {@code --name value} pairs; unknown, repeated and missing flags are refused by name. */
    public static ScorerSettings parse(String... arguments) {
        Map<String, String> flags = new LinkedHashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            String name = arguments[i].startsWith("--") ? arguments[i].substring(2) : "";
            boolean known = REQUIRED.contains(name) || LIMITS.contains(name) || OPTIONAL.contains(name);
            if (!known) {
                TreeSet<String> all = new TreeSet<>(REQUIRED);
                all.addAll(LIMITS);
                all.addAll(OPTIONAL);
                throw PerennialException.invalid(
                        name, "unknown flag '" + arguments[i] + "'; known are --" + String.join(" --", all));
            }
            if (i + 1 == arguments.length || flags.put(name, arguments[i + 1]) != null) {
                throw PerennialException.invalid(name, "flag --" + name + " needs exactly one value");
            }
        }
        for (String name : new TreeSet<>(REQUIRED)) {
            if (!flags.containsKey(name)) {
                throw PerennialException.invalid(name, "flag --" + name + " is missing");
            }
        }
        Path blobs = Path.of(text(flags, "blobs"));
        Path beside = blobs.toAbsolutePath().resolveSibling("native");
        URI server = server(text(flags, "server"));
        Network network = Network.of(flags, server);
        int port = (int) number(flags, "port", 0, 0, PORT_MAX);
        if (network.replace && port == 0) {
            throw PerennialException.invalid("port", "--replace needs the --port of the scorer that is replaced");
        }
        return new ScorerSettings(
                server,
                text(flags, "id"),
                port,
                Path.of(text(flags, "spool")),
                blobs,
                Path.of(flags.getOrDefault("token-file", "")),
                flags.getOrDefault("installation", ""),
                flags.containsKey("native") ? Path.of(text(flags, "native")) : beside,
                limits(flags),
                python(flags, blobs, network.standalone),
                flags.getOrDefault("default-endpoint", ""),
                Telemetry.of(flags),
                network);
    }

    private static Limits limits(Map<String, String> flags) {
        Limits limits = Limits.DEFAULT;
        return new Limits(
                number(flags, "spool-bytes", limits.spoolBytes, 0, Long.MAX_VALUE),
                number(flags, "segment-bytes", limits.segmentBytes, 1, 1 << 28),
                number(flags, "segment-age-millis", limits.segmentAgeMillis, 1, 86_400_000),
                (int) number(flags, "batch-rows", limits.batchRows, 1, 1_000_000),
                (int) number(flags, "body-bytes", limits.bodyBytes, 1, 1 << 30),
                (int) number(flags, "shadow-rows", limits.shadowRows, 0, 10_000_000),
                (int) number(flags, "queued-requests", limits.queuedRequests, 1, 100_000),
                (int) number(flags, "event-loops", limits.eventLoops, 1, 256),
                number(flags, "model-memory", limits.modelBytes, 0, Long.MAX_VALUE),
                (int) number(flags, "drain-wait", limits.drainWaitMillis, 0, 600_000),
                (int) number(flags, "log-memory", limits.logMemoryBytes, 0, 1 << 30)
                        / Limits.LOG_UNIT
                        * Limits.LOG_UNIT);
    }

    private static Python python(Map<String, String> flags, Path blobs, boolean standalone) {
        PythonLimits limits = PythonLimits.DEFAULT;
        return new Python(
                flags.containsKey("environments")
                        ? Path.of(text(flags, "environments"))
                        : blobs.toAbsolutePath().resolveSibling("environments"),
                flags.containsKey("make-environments") ? Network.yes(flags, "make-environments") : standalone,
                Stream.of(flags.getOrDefault("python-dirs", "").split(","))
                        .filter(dir -> !dir.isBlank())
                        .toList(),
                new PythonLimits(
                        number(flags, "python-resident-bytes", limits.residentBytes(), 1 << 20, 1L << 40),
                        number(flags, "python-timeout-millis", limits.requestMillis(), 1, 3_600_000),
                        number(flags, "python-start-millis", limits.startMillis(), 1, 3_600_000),
                        number(flags, "python-recycle-after", limits.recycleAfter(), 1, Long.MAX_VALUE),
                        limits.openFiles(),
                        limits.processes()));
    }

    private static URI server(String text) {
        URI uri = URI.create(text);
        boolean http = "http".equals(uri.getScheme()) && uri.getPort() > 0;
        if (!(http || "https".equals(uri.getScheme())) || uri.getHost() == null) {
            throw PerennialException.invalid("server", "--server '" + text + "' must look like http://127.0.0.1:7300");
        }
        return uri;
    }

    private static String text(Map<String, String> flags, String name) {
        return String.valueOf(flags.get(name));
    }

    private static long number(Map<String, String> flags, String name, long byDefault, long min, long max) {
        @Nullable String text = flags.get(name);
        if (text == null) {
            return byDefault;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw PerennialException.invalid(
                name, "--" + name + " '" + text + "' must be a whole number from " + min + " to " + max);
    }
}
