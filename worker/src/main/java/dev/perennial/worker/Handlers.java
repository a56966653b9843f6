package dev.perennial.worker;

import dev.perennial.worker.replay.ReplayStep;
import dev.perennial.worker.training.BlindStep;
import dev.perennial.worker.training.EvaluateStep;
import dev.perennial.worker.training.TrainStep;
import java.util.List;

/** Every kind of step that this worker can run. */
final class Handlers {
    private Handlers() {}

    static List<StepHandler> all() {
        return List.of(new TrainStep(), new EvaluateStep(), new BlindStep(), new ReplayStep());
    }
}
