package dev.perennial.scoring.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelResources;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.TabularModel;
import dev.perennial.testkit.PythonModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model with several processes: each has one call at a time, and what one does is no matter to the others. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PythonInstancesIT {
    private static final double EXIT = 666;
    private static final double HANG = 777;
    private static final double HOARD = 888;
    private static final long MEMORY = 400L << 20;

    @TempDir
    static Path folder;

    private static PythonModels models;
    private static TabularModel numbers;
    private static TabularModel obedient;

    @BeforeAll
    static void make() throws IOException, InterruptedException {
        models = PythonModels.make(folder.resolve("models"), "obedient", "process", "broken");
        numbers = python("numbers").rows("process", new ModelResources(3, 2, 0));
        PythonLimits limits = LoadedPython.LIMITS;
        PythonLimits hasty = new PythonLimits(
                limits.residentBytes(), 3_000, limits.startMillis(), 10_000, limits.openFiles(), limits.processes());
        obedient = new LoadedPython(models, folder.resolve("obedient"), hasty)
                .rows("obedient", new ModelResources(1, 2, MEMORY));
    }

    private static LoadedPython python(String place) throws IOException {
        return new LoadedPython(models, folder.resolve(place), LoadedPython.LIMITS);
    }

    @AfterAll
    static void end() {
        Stream.of(numbers, obedient).filter(model -> model != null).forEach(TabularModel::close);
    }

    private static long number(TabularModel model) {
        return (long) model.score(Row.of(model.signature(), Map.of("a", 1)));
    }

    private static double score(double a) {
        return obedient.score(LoadedPython.row(obedient, a));
    }

    @Test
    void callsTakeTurnsOverTheProcesses() {
        TreeSet<Long> processes = new TreeSet<>();
        for (int call = 0; call < 6; call++) {
            processes.add(number(numbers));
        }
        assertThat(processes).hasSize(2);
    }

    @Test
    void eachProcessHasTheThreadsThatItsModelIsGiven() throws IOException {
        byte[] environment = Files.readAllBytes(Path.of("/proc", Long.toString(number(numbers)), "environ"));
        assertThat(new String(environment, StandardCharsets.UTF_8).split("\0"))
                .contains("OMP_NUM_THREADS=3", "OPENBLAS_NUM_THREADS=3", "MKL_NUM_THREADS=3");
    }

    @Test
    void oneCrashFailsItsCallAndTheNextIsAnsweredByTheOther() {
        ModelFailure failure = catchThrowableOfType(ModelFailure.class, () -> score(EXIT));
        assertThat(failure).hasMessage("its process ended with exit code 3");
        assertThat(score(1)).isEqualTo(3.1);
        assertThat(score(2)).isEqualTo(5.1);
    }

    @Test
    void aHangingCallHoldsUpOneProcessOnly() {
        CompletableFuture<ModelFailure> hanging = CompletableFuture.supplyAsync(
                () -> catchThrowableOfType(ModelFailure.class, () -> score(HANG)),
                task -> Thread.ofPlatform().start(task));
        for (int call = 0; call < 5; call++) {
            assertThat(score(call)).isEqualTo(2.0 * call + 1.1);
        }
        assertThat(hanging).isNotDone();
        assertThat(hanging.join()).hasMessage("it did not answer within 3000 ms; its process was ended");
    }

    @Test
    void eachProcessHasTheMemoryThatItsModelIsGiven() {
        ModelFailure failure = catchThrowableOfType(ModelFailure.class, () -> score(HOARD));
        assertThat(failure)
                .hasMessageMatching("it took more than " + MEMORY + " bytes of memory; its process was ended"
                        + "|it needs more memory than a model may take");
        assertThat(score(1)).isEqualTo(3.1);
    }

    @Test
    void anUnloadedModelLeavesNoneOfItsProcesses() throws IOException {
        TabularModel model = python("unloaded").rows("process", new ModelResources(1, 2, 0));
        TreeSet<Long> processes = new TreeSet<>();
        for (int call = 0; call < 4; call++) {
            processes.add(number(model));
        }
        model.close();
        processes.forEach(each ->
                ProcessHandle.of(each).ifPresent(handle -> handle.onExit().join()));
        assertThat(processes).hasSize(2);
        assertThat(folder.resolve("unloaded").resolve("work").resolve("1")).doesNotExist();
    }

    @Test
    void aModelThatPythonRefusesLeavesNothing() throws IOException {
        LoadedPython python = python("refused");
        assertThatThrownBy(() -> python.rows("broken", new ModelResources(1, 2, 0)))
                .isInstanceOf(PerennialException.class)
                .hasMessageStartingWith("Python cannot load the model: ");
        assertThat(python.work().resolve("1")).doesNotExist();
    }
}
