package dev.perennial.scorer.serving;

import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.TabularModel;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a model some times before callers may: what a library makes at its first runs, and what the JVM compiles, is there then. The
 * manifest's example was scored while it was loaded; here rows and tensors of zeros are. A model that does not take them is no worse for it.
 */
final class Warmup {
    private static final Logger LOG = LoggerFactory.getLogger(Warmup.class);
    private static final int RUNS = 50;
    private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int ELEMENTS_MAX = 1 << 20;

    private Warmup() {}

    /** Gives back the model, after at most 50 runs or what it began within 100 ms. */
    static Model warm(Model model) {
        long begun = System.nanoTime();
        try {
            for (int run = 0; run < RUNS && System.nanoTime() - begun < NANOS; run++) {
                run(model);
            }
        } catch (ModelFailure | dev.perennial.kernel.PerennialException e) {
            LOG.debug("the model does not take zeros: {}", e.getMessage());
        }
        return model;
    }

    private static void run(Model model) {
        if (model instanceof TabularModel rows) {
            rows.score(new Row(rows.signature().size()));
            return;
        }
        List<Tensor> zeros = new ArrayList<>();
        for (TensorSpec spec : model.schema().inputs()) {
            long[] shape =
                    spec.shape().stream().mapToLong(size -> size < 0 ? 1 : size).toArray();
            long elements = 1;
            for (long size : shape) {
                elements *= size;
            }
            if (elements > ELEMENTS_MAX) {
                return;
            }
            zeros.add(zeros(spec, shape, (int) elements));
        }
        model.run(zeros, RunLimit.NONE);
    }

    private static Tensor zeros(TensorSpec spec, long[] shape, int elements) {
        if (spec.type() == DataType.BYTES) {
            byte[][] empty = new byte[elements][];
            java.util.Arrays.fill(empty, new byte[0]);
            return Tensor.bytes(spec.name(), shape, empty);
        }
        return Tensor.of(
                spec.name(),
                spec.type(),
                shape,
                ByteBuffer.allocate(elements * spec.type().bytes()));
    }
}
