package dev.perennial.scorer.serving;

import dev.perennial.scorer.config.ScorerConfig.Place;
import dev.perennial.scorer.config.ScorerConfig.VariantConfig;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import dev.perennial.tensors.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A loaded version in its place at an endpoint. */
final class Variant {
    private static final Logger LOG = LoggerFactory.getLogger(Variant.class);

    private final VariantConfig config;
    private final Model model;
    private final @Nullable TabularModel tabular;
    private final Fuse fuse;
    private final int[] from;
    private final boolean identical;
    private final LongAdder errors;

    /** @param schema of the endpoint's rows; null when the endpoint takes tensors only */
    Variant(VariantConfig config, Model model, @Nullable Schema schema, Fuse fuse, LongAdder errors) {
        this.config = config;
        this.model = model;
        this.tabular = schema != null && model instanceof TabularModel rows ? rows : null;
        this.fuse = fuse;
        this.errors = errors;
        if (schema == null || tabular == null) {
            this.from = new int[0];
            this.identical = false;
            return;
        }
        Signature own = tabular.signature();
        Signature union = schema.union();
        from = new int[own.size()];
        boolean same = own.size() == union.size();
        for (int i = 0; i < from.length; i++) {
            from[i] = union.position(own.column(i).name());
            same &= from[i] == i && own.column(i).type() == union.column(i).type();
        }
        this.identical = same;
    }

    String version() {
        return config.version();
    }

    Place place() {
        return config.role();
    }

    int weight() {
        return config.weight();
    }

    Fuse fuse() {
        return fuse;
    }

    int instances() {
        return config.model().uses().instances();
    }

    boolean foreign() {
        return model.foreign();
    }

    boolean takes(int bucket) {
        return bucket < config.weight() && !fuse.blown();
    }

    /** Begins to load the model if it is to be loaded on demand and is not; null when it is loaded. */
    @Nullable
    CompletableFuture<Model> loading() {
        return model instanceof DemandModel demand ? demand.loading() : null;
    }

    /** Columns of the model's rows. */
    Signature signature() {
        return tabular().signature();
    }

    Model model() {
        return model;
    }

    /** It failed in a run that was not counted, and is not tried again. */
    void failed() {
        errors.increment();
    }

    /** Runs the model on tensors of its own schema. */
    List<Tensor> run(List<Tensor> inputs, RunLimit limit) {
        try {
            return model.run(inputs, limit);
        } catch (ModelFailure e) {
            errors.increment();
            throw e;
        }
    }

    /** @throws ModelFailure also for a column that this version needs and the caller did not send */
    double score(Instance instance, Schema schema) {
        try {
            TabularModel rows = tabular();
            double score = rows.score(identical ? checked(instance) : projected(instance, schema));
            if (!Double.isFinite(score)) {
                throw new ModelFailure("the model answered " + score + ", which is no score");
            }
            return score;
        } catch (ModelFailure e) {
            errors.increment();
            throw e;
        }
    }

    /**
     * What came of a row.
     *
     * @param score NaN when it failed
     */
    record Scored(double score, @Nullable ModelFailure failure) {
        static final Scored NONE = new Scored(Double.NaN, null);
    }

    /** Scores rows at once; row by row when that fails, so that each has its own end. */
    List<Scored> scoreAll(List<Instance> instances, Schema schema) {
        if (instances.size() > 1) {
            try {
                return together(instances, schema);
            } catch (ModelFailure e) {
                LOG.debug("{} does not take {} rows at once", version(), instances.size(), e);
            }
        }
        List<Scored> result = new ArrayList<>(instances.size());
        for (Instance instance : instances) {
            ModelFailure before = result.isEmpty() ? null : result.getLast().failure();
            if (before != null && before.kind() == ModelFailure.Kind.DEADLINE) {
                result.add(result.getLast()); // a hanging model is not waited for once for each row
                continue;
            }
            try {
                result.add(new Scored(score(instance, schema), null));
            } catch (ModelFailure e) {
                result.add(new Scored(Double.NaN, e));
            }
        }
        return result;
    }

    private List<Scored> together(List<Instance> instances, Schema schema) {
        List<Row> rows = new ArrayList<>(instances.size());
        for (Instance instance : instances) {
            rows.add(identical ? checked(instance) : projected(instance, schema));
        }
        List<Scored> result = new ArrayList<>(rows.size());
        for (double score : tabular().scoreAll(rows)) {
            if (!Double.isFinite(score)) {
                throw new ModelFailure("the model answered " + score + ", which is no score");
            }
            result.add(new Scored(score, null));
        }
        if (result.size() != rows.size()) {
            throw new ModelFailure("the model answered " + result.size() + " of " + rows.size() + " rows");
        }
        return result;
    }

    private TabularModel tabular() {
        if (tabular == null) {
            throw new ModelFailure("version " + version() + " takes tensors, not rows");
        }
        return tabular;
    }

    private Row checked(Instance instance) {
        for (int i = 0; i < from.length; i++) {
            checkGiven(i, instance);
        }
        return instance.row();
    }

    private Row projected(Instance instance, Schema schema) {
        Row row = new Row(from.length);
        Signature own = tabular().signature();
        for (int i = 0; i < from.length; i++) {
            checkGiven(i, instance);
            Column column = own.column(i);
            Column sent = schema.union().column(from[i]);
            if (column.type() != sent.type()) {
                throw new ModelFailure("version " + version() + " takes column '" + column.name() + "' as "
                        + column.type().word() + ", the champion as "
                        + sent.type().word());
            }
            row.number(i, instance.row().number(from[i]));
            row.text(i, instance.row().text(from[i]));
        }
        return row;
    }

    private void checkGiven(int column, Instance instance) {
        Column needed = tabular().signature().column(column);
        if (!instance.given()[from[column]] && needed.required()) {
            throw new ModelFailure("column '" + needed.name() + "' is missing from the request");
        }
    }
}
