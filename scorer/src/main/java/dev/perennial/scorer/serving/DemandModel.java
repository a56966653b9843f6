package dev.perennial.scorer.serving;

import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import dev.perennial.tensors.Tensor;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Stands for a model that is loaded when it is first wanted. A call may wait for that, so none runs on an event loop. Thread-safe. */
sealed interface DemandModel extends Model {
    /** Stands for a model of that schema. */
    static DemandModel of(ModelSchema schema, DemandModels.Held held) {
        Signature columns = schema.columns();
        return columns == null ? new OfTensors(schema, held) : new OfRows(columns, held);
    }

    DemandModels.Held held();

    /** Begins to load it unless it is loaded; null when it is. */
    default @Nullable CompletableFuture<Model> loading() {
        return held().loading();
    }

    @Override
    default boolean foreign() {
        return true;
    }

    @Override
    default void close() {
        held().close();
    }

    /** A model of tensors. */
    record OfTensors(ModelSchema schema, DemandModels.Held held) implements DemandModel {
        @Override
        public List<Tensor> run(List<Tensor> inputs, RunLimit limit) {
            return held.use(model -> model.run(inputs, limit));
        }
    }

    /** A model of rows. */
    record OfRows(Signature signature, DemandModels.Held held) implements DemandModel, TabularModel {
        @Override
        public double score(Row row) {
            return held.use(model -> ((TabularModel) model).score(row));
        }

        @Override
        public double[] scoreAll(List<Row> rows) {
            return held.use(model -> ((TabularModel) model).scoreAll(rows));
        }

        @Override
        public List<Tensor> run(List<Tensor> inputs, RunLimit limit) {
            return held.use(model -> model.run(inputs, limit));
        }
    }
}
