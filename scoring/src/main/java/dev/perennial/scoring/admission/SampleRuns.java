package dev.perennial.scoring.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.TabularModel;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Runs a model on its example, or on zeros where it has none, and measures how long that takes. */
final class SampleRuns {
    private static final int RUNS = 200;
    private static final long BUDGET_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long BYTES_MAX = 64L << 20;
    private static final double PERCENT_99 = 0.99;

    private final ModelManifest manifest;
    private final Model model;

    SampleRuns(ModelManifest manifest, Model model) {
        this.manifest = manifest;
        this.model = model;
    }

    /** @throws ModelFailure when it fails on its example, or uses up time or memory on zeros */
    ObjectNode measure() {
        boolean example = manifest.inputExample() != null;
        ObjectNode told = Json.object().put("input", example ? "the example" : "zeros");
        Runnable run = run();
        long[] nanos = new long[RUNS];
        int runs = 0;
        long began = System.nanoTime();
        try {
            while (runs < RUNS && System.nanoTime() - began < BUDGET_NANOS) {
                long start = System.nanoTime();
                run.run();
                nanos[runs++] = System.nanoTime() - start;
            }
        } catch (ModelFailure | PerennialException e) {
            boolean crash = e instanceof ModelFailure failure && failure.kind() == ModelFailure.Kind.CRASH;
            if (example || crash || System.nanoTime() - began > SLOW_NANOS || outOfMemory(e)) {
                throw e;
            }
            return told.put("runs", runs).put("failed", String.valueOf(e.getMessage()));
        }
        long[] sorted = Arrays.copyOf(nanos, runs);
        Arrays.sort(sorted);
        return told.put("runs", runs)
                .put("p50Micros", micros(sorted[runs / 2]))
                .put("p99Micros", micros(sorted[(int) (runs * PERCENT_99)]));
    }

    private static double micros(long nanos) {
        return nanos / 1e3;
    }

    /** Zeros may be no input that a model can take, and then it is not to blame; memory is another matter. */
    private static boolean outOfMemory(RuntimeException e) {
        return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("alloc");
    }

    private Runnable run() {
        if (model instanceof TabularModel rows) {
            var given = manifest.inputExample();
            Row row = given == null ? zeros(rows) : Row.of(rows.signature(), given);
            return () -> rows.score(row);
        }
        List<Tensor> inputs =
                model.schema().inputs().stream().map(SampleRuns::zeros).toList();
        return () -> model.run(inputs, RunLimit.NONE);
    }

    private static Row zeros(TabularModel rows) {
        Row row = new Row(rows.signature().size());
        Arrays.fill(row.numbers(), 0);
        return row;
    }

    private static Tensor zeros(TensorSpec spec) {
        long bytes = Math.max(1, spec.type().bytes());
        List<Long> sizes = new ArrayList<>();
        for (long size : spec.shape()) {
            long one = size < 0 ? 1 : size;
            sizes.add(one);
            if (one > 0 && bytes > BYTES_MAX / one) {
                throw PerennialException.invalid(
                        spec.name(),
                        "input '" + spec.name() + "' takes " + spec.shape() + " values in each call, more than "
                                + BYTES_MAX + " bytes");
            }
            bytes *= Math.max(one, 1);
        }
        long[] shape = sizes.stream().mapToLong(Long::longValue).toArray();
        int elements = Tensor.elements(shape);
        if (spec.type() == DataType.BYTES) {
            byte[][] empty = new byte[elements][];
            Arrays.fill(empty, new byte[0]);
            return Tensor.bytes(spec.name(), shape, empty);
        }
        return Tensor.of(
                spec.name(),
                spec.type(),
                shape,
                ByteBuffer.allocate(elements * spec.type().bytes()));
    }
}
