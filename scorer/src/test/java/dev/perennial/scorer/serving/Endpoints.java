package dev.perennial.scorer.serving;

import dev.perennial.scorer.config.ScorerConfig;
import dev.perennial.scorer.config.ScorerConfig.EndpointConfig;
import dev.perennial.scorer.config.ScorerConfig.FuseConfig;
import dev.perennial.scorer.config.ScorerConfig.ModelFiles;
import dev.perennial.scorer.config.ScorerConfig.Place;
import dev.perennial.scorer.config.ScorerConfig.VariantConfig;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Endpoints without a server behind them: one whose rows score the sum of their numbers, and one that gives tensors back. */
public final class Endpoints {
    private static final String NO_FILE = "0".repeat(64);

    private Endpoints() {}

    /** An endpoint {@code m} of rows with the key {@code id}. */
    public static Endpoint rows(Column... columns) {
        return endpoint(new Sum(new Signature(List.of(columns))), List.of("id"));
    }

    /** An endpoint {@code m} that answers each input as an output of the same name. */
    public static Endpoint tensors(TensorSpec... inputs) {
        return endpoint(new Echo(List.of(inputs)), List.of());
    }

    /** An endpoint {@code m} of rows with the key {@code id}, whose log has a policy. */
    public static Endpoint logged(ScorerConfig.LogConfig log, Column... columns) {
        return endpoint(new Sum(new Signature(List.of(columns))), List.of("id"), log);
    }

    /** One of a number {@code x}, with these versions; the first is the champion, the others are shadows. */
    static Endpoint versions(String champion, String... shadows) {
        TabularModel model = new Sum(new Signature(List.of(Column.number("x"))));
        Schema schema = new Schema(model.signature(), List.of(), List.of("id"));
        Variant first = variant(champion, Place.CHAMPION, Split.BUCKETS, model, schema);
        List<Variant> others = Stream.of(shadows)
                .map(version -> variant(version, Place.SHADOW, 0, model, schema))
                .toList();
        List<VariantConfig> variants =
                List.of(new VariantConfig(champion, Place.CHAMPION, Split.BUCKETS, new ModelFiles(NO_FILE, NO_FILE)));
        EndpointConfig config = new EndpointConfig(
                "m", List.of("id"), "", null, variants, null, null, null, null, null, null, null, null);
        return new Endpoint(config, schema, first, others);
    }

    private static Variant variant(String version, Place place, int weight, TabularModel model, Schema schema) {
        VariantConfig config = new VariantConfig(version, place, weight, new ModelFiles(NO_FILE, NO_FILE));
        return new Variant(
                config,
                model,
                schema,
                new Fuse("m", version, null, new FuseConfig(null, null, null), false),
                new LongAdder());
    }

    private static Endpoint endpoint(Model model, List<String> key) {
        return endpoint(model, key, null);
    }

    private static Endpoint endpoint(Model model, List<String> key, ScorerConfig.@Nullable LogConfig log) {
        VariantConfig variant =
                new VariantConfig("m/7", Place.CHAMPION, Split.BUCKETS, new ModelFiles(NO_FILE, NO_FILE));
        EndpointConfig config =
                new EndpointConfig("m", key, "", null, List.of(variant), null, null, null, null, null, log, null, null);
        Schema schema = model instanceof TabularModel rows ? new Schema(rows.signature(), List.of(), key) : null;
        Fuse fuse = new Fuse("m", "m/7", null, new FuseConfig(null, null, null), false);
        Variant champion = new Variant(variant, model, schema, fuse, new LongAdder());
        return new Endpoint(config, schema, champion, List.of());
    }

    private record Sum(Signature signature) implements TabularModel {
        @Override
        public double score(Row row) {
            double sum = 0;
            for (double number : row.numbers()) {
                sum += Double.isNaN(number) ? 0 : number;
            }
            return sum;
        }

        @Override
        public boolean foreign() {
            return false;
        }

        @Override
        public void close() {}
    }

    private record Echo(List<TensorSpec> specs) implements Model {
        @Override
        public ModelSchema schema() {
            return new ModelSchema(specs, specs, null);
        }

        @Override
        public List<Tensor> run(List<Tensor> inputs, RunLimit limit) {
            return inputs;
        }

        @Override
        public boolean foreign() {
            return false;
        }

        @Override
        public void close() {}
    }
}
