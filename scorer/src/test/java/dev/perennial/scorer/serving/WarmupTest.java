package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.scoring.RunLimit;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarmupTest {
    private final List<List<Tensor>> runs = new ArrayList<>();

    private final class Told implements Model {
        private final List<TensorSpec> inputs;
        private final boolean fails;

        Told(boolean fails, TensorSpec... inputs) {
            this.inputs = List.of(inputs);
            this.fails = fails;
        }

        @Override
        public ModelSchema schema() {
            return new ModelSchema(inputs, inputs, null);
        }

        @Override
        public List<Tensor> run(List<Tensor> given, RunLimit limit) {
            runs.add(given);
            if (fails) {
                throw new ModelFailure("no zeros");
            }
            return given;
        }

        @Override
        public boolean foreign() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void aModelOfTensorsRunsOnZerosOfItsShapesAndTypes() {
        Warmup.warm(new Told(
                false,
                new TensorSpec("a", DataType.FP32, List.of(-1L, 3L)),
                new TensorSpec("b", DataType.BYTES, List.of(-1L))));
        assertThat(runs).isNotEmpty().hasSizeLessThanOrEqualTo(50);
        Tensor numbers = runs.getFirst().get(0);
        assertThat(numbers.shape()).containsExactly(1, 3);
        assertThat(runs.getFirst().get(1).shape()).containsExactly(1);
    }

    @Test
    void aModelThatDoesNotTakeZerosIsAskedOnceAndIsNoWorseForIt() {
        Model model = new Told(true, new TensorSpec("a", DataType.FP32, List.of(1L)));
        assertThat(Warmup.warm(model)).isSameAs(model);
        assertThat(runs).hasSize(1);
    }

    @Test
    void aModelOfHugeTensorsIsNotWarmed() {
        Warmup.warm(new Told(false, new TensorSpec("a", DataType.FP32, List.of(3_000L, 3_000L))));
        assertThat(runs).isEmpty();
    }
}
