package dev.perennial.worker;

import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.python.PythonLimits;
import dev.perennial.scoring.python.PythonRuntime;
import dev.perennial.worker.data.DescribeStep;
import dev.perennial.worker.data.SkewStep;
import dev.perennial.worker.data.SnapshotStep;
import dev.perennial.worker.data.ValidateStep;
import dev.perennial.worker.deploying.BundleStep;
import dev.perennial.worker.replay.ReplayStep;
import dev.perennial.worker.scoring.ScoreStep;
import dev.perennial.worker.training.AdmitStep;
import dev.perennial.worker.training.BlindStep;
import dev.perennial.worker.training.CommandStep;
import dev.perennial.worker.training.EnvironmentStep;
import dev.perennial.worker.training.EvaluateStep;
import dev.perennial.worker.training.ReproduceStep;
import dev.perennial.worker.training.TrainStep;
import dev.perennial.worker.training.XgboostLibrary;
import java.nio.file.Path;
import java.util.List;

/** Every kind of step that this worker can run. */
final class Handlers {
    private Handlers() {}

    /** @param data data directory of this installation: {@code native}, {@code environments} and {@code blobs} lie in it */
    static List<StepHandler> all(Path data) {
        Path natives = data.resolve("native");
        ModelLoader loader = new ModelLoader(natives);
        XgboostLibrary library = new XgboostLibrary(natives);
        return List.of(
                new DescribeStep(),
                new ValidateStep(),
                new SnapshotStep(),
                new SkewStep(),
                new TrainStep(library),
                new BundleStep(),
                new EnvironmentStep(data.resolve("environments")),
                new AdmitStep(loader, data),
                new EvaluateStep(loader),
                new BlindStep(loader, library),
                new CommandStep(loader),
                new ReproduceStep(loader),
                new ScoreStep(new ModelLoader(natives, python(data))),
                new ReplayStep(data.resolve("internal.token")));
    }

    /** Runs Python models of this installation; what it copies lies in a folder of this process alone. */
    private static PythonRuntime python(Path data) {
        Path work = Path.of(
                System.getProperty("java.io.tmpdir"),
                "perennial-python-" + ProcessHandle.current().pid());
        return new PythonRuntime(data.resolve("blobs"), data.resolve("environments"), work, PythonLimits.DEFAULT);
    }
}
