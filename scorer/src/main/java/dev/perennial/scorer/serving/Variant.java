package dev.perennial.scorer.serving;

import dev.perennial.scorer.config.ScorerConfig.Place;
import dev.perennial.scorer.config.ScorerConfig.VariantConfig;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.Signature;
import java.util.concurrent.atomic.LongAdder;

/** A loaded version in its place at an endpoint. */
final class Variant {
    private final VariantConfig config;
    private final Model model;
    private final Fuse fuse;
    private final int[] from;
    private final boolean identical;
    private final LongAdder errors;

    Variant(VariantConfig config, Model model, Schema schema, Fuse fuse, LongAdder errors) {
        this.config = config;
        this.model = model;
        this.fuse = fuse;
        this.errors = errors;
        Signature own = model.signature();
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

    boolean foreign() {
        return model.foreign();
    }

    boolean takes(int bucket) {
        return bucket < config.weight() && !fuse.blown();
    }

    /** @throws ModelFailure also for a column that this version needs and the caller did not send */
    double score(Instance instance, Schema schema) {
        try {
            double score = model.score(identical ? checked(instance) : projected(instance, schema));
            if (!Double.isFinite(score)) {
                throw new ModelFailure("the model answered " + score + ", which is no score");
            }
            return score;
        } catch (ModelFailure e) {
            errors.increment();
            throw e;
        }
    }

    private Row checked(Instance instance) {
        for (int i = 0; i < from.length; i++) {
            checkGiven(i, instance);
        }
        return instance.row();
    }

    private Row projected(Instance instance, Schema schema) {
        Row row = new Row(from.length);
        Signature own = model.signature();
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
        if (!instance.given()[from[column]] && model.signature().column(column).required()) {
            throw new ModelFailure(
                    "column '" + model.signature().column(column).name() + "' is missing from the request");
        }
    }
}
