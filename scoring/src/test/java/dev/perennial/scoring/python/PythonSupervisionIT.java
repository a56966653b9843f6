package dev.perennial.scoring.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelFailure.Kind;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.TabularModel;
import dev.perennial.tensors.Tensor;
import dev.perennial.testkit.PythonModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model that crashes, hangs or takes too much harms one call and nothing else. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PythonSupervisionIT {
    private static final double EXIT = 666;
    private static final double SIGNAL = 667;
    private static final double HANG = 777;
    private static final double HOARD = 888;
    private static final double FORK = 999;
    private static final double NOISE = 555;
    private static final double ERROR = 444;
    private static final double SYSTEM_EXIT = 333;
    private static final int PAGES = 4096;

    @TempDir
    static Path folder;

    private static PythonModels models;
    private static TabularModel obedient;

    @BeforeAll
    static void make() throws IOException, InterruptedException {
        models = PythonModels.make(folder.resolve("models"), "obedient", "process");
        obedient = new LoadedPython(models, folder.resolve("one"), LoadedPython.LIMITS).rows("obedient");
    }

    @AfterAll
    static void end() {
        if (obedient != null) {
            obedient.close();
        }
    }

    private static LoadedPython python(String place, long requestMillis, long recycleAfter) throws IOException {
        PythonLimits limits = LoadedPython.LIMITS;
        return new LoadedPython(
                models,
                folder.resolve(place),
                new PythonLimits(
                        limits.residentBytes(),
                        requestMillis,
                        limits.startMillis(),
                        recycleAfter,
                        limits.openFiles(),
                        limits.processes()));
    }

    private static double score(TabularModel model, double a) {
        return model.score(LoadedPython.row(model, a));
    }

    private static ModelFailure failure(TabularModel model, double a) {
        ModelFailure failure = catchThrowableOfType(ModelFailure.class, () -> score(model, a));
        assertThat(failure).isNotNull();
        return failure;
    }

    private static void answers(TabularModel model) {
        assertThat(score(model, 1.0)).isEqualTo(3.1);
    }

    private static void awaitGone(long pid) {
        ProcessHandle.of(pid).ifPresent(handle -> handle.onExit().join());
    }

    @Test
    void aCrashFailsItsCallAndTheNextIsAnswered() {
        ModelFailure failure = failure(obedient, EXIT);
        assertThat(failure).hasMessage("its process ended with exit code 3");
        assertThat(failure.kind()).isEqualTo(Kind.CRASH);
        answers(obedient);
        assertThat(failure(obedient, SIGNAL)).hasMessage("its process was ended by signal 11");
        answers(obedient);
    }

    @Test
    void anErrorOfTheModelIsToldInOneSentenceAndKeepsTheProcess() throws IOException {
        TabularModel process = python("errors", 20_000, 10_000).rows("process");
        try (process) {
            Row row = Row.of(process.signature(), Map.of("a", 1));
            double pid = process.score(row);
            assertThat(failure(obedient, ERROR)).hasMessage("ValueError: the value is not liked");
            assertThat(failure(obedient, SYSTEM_EXIT)).hasMessage("SystemExit: 7");
            assertThat(failure(obedient, ERROR).kind()).isEqualTo(Kind.MODEL);
            answers(obedient);
            assertThat(process.score(row)).as("a neighbour").isEqualTo(pid);
        }
    }

    @Test
    void whatAModelWritesDoesNotDisturbItsAnswers() {
        assertThat(score(obedient, NOISE)).isEqualTo(NOISE * 2 + 1.1);
        answers(obedient);
    }

    @Test
    void aHangingModelIsEndedAtItsLimitAndTheNextCallIsAnswered() throws IOException {
        try (TabularModel model = python("hang", 1_000, 10_000).rows("obedient")) {
            ModelFailure failure = failure(model, HANG);
            assertThat(failure).hasMessage("it did not answer within 1000 ms; its process was ended");
            assertThat(failure.kind()).isEqualTo(Kind.DEADLINE);
        }
    }

    @Test
    void aCallersOwnDeadlineEndsTheWaitingAndNotTheProcess() throws IOException {
        try (TabularModel model = python("deadline", 20_000, 10_000).rows("process")) {
            Row row = Row.of(model.signature(), Map.of("a", 1));
            double pid = model.score(row);
            RunLimit past = new RunLimit(System.nanoTime() - 1, () -> false);
            PythonPool pool = ((PythonTabularModel) model).pool();
            List<PythonFrames.Part> parts = List.of(PythonFrames.Part.of(Tensor.doubles("a", new double[] {1})));
            assertThatThrownBy(() -> pool.run(parts, past))
                    .isInstanceOfSatisfying(
                            ModelFailure.class, late -> assertThat(late.kind()).isEqualTo(Kind.DEADLINE))
                    .hasMessage("the deadline passed before it could answer");
            assertThat(model.score(row)).isEqualTo(pid);
        }
    }

    @Test
    void aModelThatTakesAllMemoryIsEndedAndTold() {
        ModelFailure failure = failure(obedient, HOARD);
        assertThat(failure)
                .hasMessageMatching("it took more than 629145600 bytes of memory; its process was ended"
                        + "|it needs more memory than a model may take");
        answers(obedient);
    }

    @Test
    @Tag("long")
    void aForkBombIsEndedWithAllItsProcesses() throws IOException {
        try (TabularModel model = python("bomb", 20_000, 10_000).rows("obedient")) {
            ModelFailure failure = failure(model, FORK);
            assertThat(failure)
                    .hasMessageMatching("it (started more than 20 processes; all were|took more than"
                            + " 629145600 bytes of memory; its process was) ended"); // whichever is seen first
            assertThat(processesOf(folder.resolve("bomb"))).isLessThanOrEqualTo(1); // the next one, perhaps
        }
    }

    /** Processes whose command line names a folder. */
    private static long processesOf(Path place) {
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    try {
                        byte[] line = Files.readAllBytes(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
                        return line.length < PAGES && new String(line, StandardCharsets.UTF_8).contains(place + "/");
                    } catch (IOException e) {
                        return false;
                    }
                })
                .count();
    }

    @Test
    void manyCallersAreAnsweredOneAfterTheOther() {
        List<CompletableFuture<Double>> answers = java.util.stream.IntStream.range(0, 40)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> score(obedient, i)))
                .toList();
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).join()).isEqualTo(2.0 * i + 1.1);
        }
    }

    @Test
    @Tag("long")
    void aProcessIsReplacedAfterItsCallsAndNoCallIsLost() throws IOException {
        try (TabularModel model = python("recycle", 20_000, 5).rows("process")) {
            Row row = Row.of(model.signature(), Map.of("a", 1));
            TreeSet<Double> pids = new TreeSet<>();
            while (pids.size() < 3) {
                pids.add(model.score(row)); // fails when a call is lost
            }
            awaitGone(pids.first().longValue());
            assertThat(model.score(row)).isPositive();
        }
    }

    @Test
    @Tag("long")
    void aProcessThatSomebodyKillsIsReplaced() throws IOException {
        try (TabularModel model = python("killed", 20_000, 10_000).rows("process")) {
            Row row = Row.of(model.signature(), Map.of("a", 1));
            long pid = (long) model.score(row);
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            awaitGone(pid);
            double next = pid;
            while (next == pid) {
                try {
                    next = model.score(row);
                } catch (ModelFailure e) {
                    assertThat(e.kind()).isEqualTo(Kind.CRASH); // the connection may break a moment later
                }
            }
            assertThat(next).isNotEqualTo(pid);
        }
    }

    @Test
    void anUnloadedModelLeavesNoProcess() throws IOException {
        TabularModel model = python("unloaded", 20_000, 10_000).rows("process");
        long pid = (long) model.score(Row.of(model.signature(), Map.of("a", 1)));
        model.close();
        awaitGone(pid);
        assertThatThrownBy(() -> model.score(Row.of(model.signature(), Map.of("a", 1))))
                .isInstanceOfSatisfying(
                        ModelFailure.class,
                        failure -> assertThat(failure.kind()).isEqualTo(Kind.AWAY));
    }

    @Test
    void theProcessEndsWhenItsParentIsKilled() throws Exception {
        models.store("process", folder.resolve("orphan").resolve("blobs"));
        Path manifest = Files.write(
                folder.resolve("manifest.json"),
                new LoadedPython(models, folder.resolve("orphan"), LoadedPython.LIMITS)
                        .manifest("process")
                        .toJson());
        String environment = models.environment(folder.resolve("orphan").resolve("environments"));
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        folder.resolve("orphan").toString(),
                        manifest.toString(),
                        environment)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        long child = Long.parseLong(parent.inputReader().readLine());
        assertThat(ProcessHandle.of(child)).isPresent();
        parent.destroyForcibly().waitFor();
        awaitGone(child);
        assertThat(ProcessHandle.of(child).map(ProcessHandle::isAlive).orElse(false))
                .isFalse();
    }

    /** A process that loads a model, says the number of the model's process and waits to be killed. */
    static final class Parent {
        private Parent() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            Path place = Path.of(arguments[0]);
            PythonRuntime runtime = new PythonRuntime(
                    place.resolve("blobs"), place.resolve("environments"), place.resolve("work"), PythonLimits.DEFAULT);
            var manifest = dev.perennial.scoring.ModelManifest.parse(Files.readAllBytes(Path.of(arguments[1])));
            try (Model model = runtime.load(manifest, arguments[2])) {
                TabularModel rows = (TabularModel) model;
                byte[] line = ((long) rows.score(Row.of(rows.signature(), Map.of("a", 1))) + "\n")
                        .getBytes(StandardCharsets.UTF_8);
                new java.io.FileOutputStream(java.io.FileDescriptor.out).write(line);
                new java.util.concurrent.CountDownLatch(1).await();
            }
        }
    }
}
