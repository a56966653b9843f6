package dev.perennial.bench;

import dev.perennial.scoring.ModelManifest;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.TensorSpec;
import dev.perennial.testkit.FreePort;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What the sections of the serving benchmark share: one model of 100 trees of depth 6 over 21 numbers, and how long a round is.
 *
 * @param brief shorter rounds, rougher figures
 */
record ServingSetting(Path folder, TreePeers trees, PrintStream out, boolean brief) {
    static final String MODEL = "bench";
    static final int DIFFERENT_ROWS = 200;
    private static final int SECONDS = 6;
    private static final int BRIEF_SECONDS = 2;
    private static final int ROUNDS = 3;
    private static final int WARM_UPS_MIN = 2;
    private static final int WARM_UPS_MAX = 12;
    private static final int BRIEF_WARM_UPS_MAX = 6;
    /** Share of the processor time in which compilers count as quiet. */
    private static final double QUIET = 0.03;

    static final int CANARY = 1_000;

    int seconds() {
        return brief ? BRIEF_SECONDS : SECONDS;
    }

    byte[] manifest() {
        return TreePeers.manifest(ModelManifest.XGBOOST_JSON).toJson();
    }

    /** The model alone. */
    BenchScorer.Place alone() {
        return BenchScorer.Place.of(MODEL, manifest(), trees.file());
    }

    /** The model alone, without a log of its rows. */
    BenchScorer.Place unlogged() {
        return alone().with("\"log\":{\"share\":0.0},");
    }

    /** A tenth of the callers get the same trees as a canary, whose rows the champion scores as well. */
    BenchScorer.Place split() {
        return with("canary", CANARY);
    }

    BenchScorer.Place shadowed() {
        return with("shadow", 0);
    }

    /** A candidate of the same trees that takes so many of ten thousand callers. */
    BenchScorer.Place with(String role, int weight) {
        return BenchScorer.Place.of(
                MODEL,
                new BenchScorer.Place.Version("champion", 10_000 - weight, manifest(), trees.file()),
                new BenchScorer.Place.Version(role, weight, manifest(), trees.file()));
    }

    /** Gives back one matrix of 21 columns. */
    static BenchScorer.Place identity(String name) {
        List<TensorSpec> matrix =
                List.of(new TensorSpec("x", DataType.FP32, List.of(-1L, (long) ServingRequests.WIDTH)));
        return BenchScorer.Place.of(
                name,
                ModelManifest.ofTensors(ModelManifest.IDENTITY, matrix, matrix).toJson(),
                new byte[0]);
    }

    List<ServingRequests> rows() {
        return IntStream.range(0, DIFFERENT_ROWS)
                .mapToObj(seed -> new ServingRequests(1, seed))
                .toList();
    }

    /** Leaves different rows as requests of one form; gives back the script that lets wrk send them. */
    Path script(Path folder, String name, String path, Function<ServingRequests, ServingRequests.Request> form)
            throws IOException {
        return ServingRequests.script(
                folder, name, path, rows().stream().map(form).toList());
    }

    MeasuredServer echo() throws IOException, InterruptedException {
        return java(EchoServer.class);
    }

    MeasuredServer java(Class<?> main) throws IOException, InterruptedException {
        int port = FreePort.any();
        return MeasuredServer.java(
                folder.resolve(main.getSimpleName() + ".log"),
                port,
                System.getProperty("java.class.path"),
                main.getName(),
                Integer.toString(port));
    }

    /** A round of load on one of the servers. */
    interface Round {
        MeasuredServer.Load run(int seconds) throws IOException, InterruptedException;
    }

    /**
     * The cheapest of some rounds of each, taken in turn. Before them come rounds that do not count, until the compilers of all sides are
     * quiet or patience ends: on the one core of a server they would be counted as its work.
     */
    Loads inTurn(Map<String, Round> sides) throws IOException, InterruptedException {
        Loads best = new Loads();
        boolean quiet = false;
        for (int i = 0; i < (brief ? BRIEF_WARM_UPS_MAX : WARM_UPS_MAX) && !(quiet && i >= WARM_UPS_MIN); i++) {
            quiet = true;
            for (Round side : sides.values()) {
                quiet &= side.run(seconds()).compiling() <= QUIET;
            }
        }
        for (int i = 0; i < ROUNDS; i++) {
            for (Map.Entry<String, Round> side : sides.entrySet()) {
                best.add(side.getKey(), side.getValue().run(seconds()));
            }
        }
        return best;
    }

    Path folder(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name));
    }
}
