package dev.perennial.scoring.trees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random trees of every shape, walked as the arrays are and, beside it, as a person would read them. */
class ForestTest {
    private static final int FEATURES = 5;
    private static final int ROWS = 300;

    private enum Shaped {
        BALANCED,
        CHAIN,
        WILD
    }

    @ParameterizedTest
    @CsvSource({
        "BALANCED,true,6",
        "BALANCED,false,6",
        "CHAIN,true,6",
        "CHAIN,false,6",
        "WILD,true,6",
        "WILD,false,6",
        "WILD,true,100000",
        "WILD,false,100000",
        "BALANCED,true,2000",
        "BALANCED,false,2000"
    })
    void everyRowReachesTheLeavesThatAPersonFinds(Shaped shaped, boolean floats, int categories) {
        for (int seed = 0; seed < 12; seed++) {
            Random random = new Random(seed);
            CategorySets sets = new CategorySets(Refusal.XGBOOST);
            List<Tree> trees = new ArrayList<>();
            for (int t = 0; t < 1 + random.nextInt(9); t++) {
                trees.add(tree(random, shaped, floats, sets, categories));
            }
            sets.trim();
            Ensemble model = ensemble(trees, sets, floats);
            Evaluator evaluator = new Evaluator(manifest(), model);
            List<Row> rows = rows(random, trees, categories);
            double[] expected =
                    rows.stream().mapToDouble(row -> read(model, row)).toArray();
            double[] alone = rows.stream().mapToDouble(evaluator::one).toArray();
            double[] together = evaluator.all(new RowSource(evaluator, rows), RunLimit.NONE);
            assertThat(alone).as("seed " + seed).isEqualTo(expected);
            assertThat(together).as("seed " + seed).isEqualTo(expected);
        }
    }

    private static double read(Ensemble model, Row row) {
        double sum = model.base()[0];
        for (Tree tree : model.trees()) {
            int node = 0;
            while (!tree.leaf(node)) {
                node = right(model, tree, node, row.number(tree.features()[node]))
                        ? tree.rights()[node]
                        : tree.lefts()[node];
            }
            sum = model.floats() ? (float) sum + (float) tree.values()[node] : sum + tree.values()[node];
        }
        return sum;
    }

    private static boolean right(Ensemble model, Tree tree, int node, double given) {
        if (tree.categorical(node)) {
            if (Double.isNaN(given)) {
                return tree.missingRight(node);
            }
            double code = model.floats() ? (float) given : given;
            boolean named = code >= 0
                    && code < Integer.MAX_VALUE
                    && model.sets().contains((int) tree.values()[node], (int) code);
            return named == model.setGoesRight();
        }
        int missing = tree.kinds()[node] & Tree.MISSING;
        double value = Double.isNaN(given) && missing == 0 ? 0 : given;
        boolean zero = Math.abs(value) <= RankScale.ZERO || Double.isNaN(value);
        if (Double.isNaN(value) || zero && missing == Tree.MISSING) {
            return tree.missingRight(node);
        }
        double number = !model.floats() && zero ? 0 : value;
        return model.floats() ? !((float) number < (float) tree.values()[node]) : !(number <= tree.values()[node]);
    }

    private static Tree tree(Random random, Shaped shaped, boolean floats, CategorySets sets, int categories) {
        int splits = random.nextInt(60);
        int size = 2 * splits + 1;
        Tree tree = new Tree(new int[size], new int[size], new int[size], new double[size], new byte[size]);
        Arrays.fill(tree.lefts(), -1);
        Arrays.fill(tree.rights(), -1);
        List<Integer> leaves = new ArrayList<>(List.of(0));
        int next = 1;
        for (int split = 0; split < splits; split++) {
            int chosen = switch (shaped) {
                case BALANCED -> 0;
                case CHAIN -> leaves.size() - 1;
                case WILD -> random.nextInt(leaves.size());
            };
            int node = leaves.remove(chosen);
            tree.lefts()[node] = next;
            tree.rights()[node] = next + 1;
            leaves.add(next++);
            leaves.add(next++);
            split(random, tree, node, floats, sets, categories);
        }
        for (int leaf : leaves) {
            tree.values()[leaf] = floats ? (float) random.nextGaussian() : random.nextGaussian();
        }
        return tree;
    }

    private static void split(Random random, Tree tree, int node, boolean floats, CategorySets sets, int categories) {
        int feature = random.nextInt(FEATURES);
        tree.features()[node] = feature;
        int way = floats ? Tree.NAN_IS_MISSING : new int[] {0, Tree.NAN_IS_MISSING, Tree.MISSING}[random.nextInt(3)];
        int left = random.nextBoolean() ? Tree.MISSING_LEFT : 0;
        if (feature == FEATURES - 1) {
            int[] codes =
                    random.ints(1 + random.nextInt(9), 0, categories).distinct().toArray();
            tree.values()[node] = sets.add(codes, 0, codes.length);
            tree.kinds()[node] = (byte) (Tree.CATEGORICAL | Tree.NAN_IS_MISSING | (floats ? left : 0));
        } else {
            double threshold = random.nextInt(6) == 0 ? random.nextInt(3) - 1 : random.nextGaussian();
            tree.values()[node] = floats ? (float) threshold : threshold;
            tree.kinds()[node] = (byte) (way | left);
        }
    }

    private static List<Row> rows(Random random, List<Tree> trees, int categories) {
        double[] odd = {
            0.0,
            -0.0,
            Double.NaN,
            1e-36,
            -1e-36,
            Double.MIN_VALUE,
            1e300,
            -1e300,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Float.MIN_VALUE
        };
        return IntStream.range(0, ROWS)
                .mapToObj(r -> {
                    Row row = new Row(FEATURES);
                    for (int f = 0; f < FEATURES; f++) {
                        Tree tree = trees.get(random.nextInt(trees.size()));
                        double cut = tree.values()[random.nextInt(tree.size())];
                        row.number(
                                f,
                                switch (random.nextInt(5)) {
                                    case 0 -> odd[random.nextInt(odd.length)];
                                    case 1 -> cut;
                                    case 2 -> random.nextBoolean() ? Math.nextUp(cut) : Math.nextDown(cut);
                                    case 3 -> random.nextInt(categories + 2);
                                    default -> random.nextGaussian();
                                });
                    }
                    if (row.number(FEATURES - 1) < 0 && row.number(FEATURES - 1) > -1) {
                        row.number(FEATURES - 1, -1); // the libraries differ between -1 and 0: see the fixtures
                    }
                    return row;
                })
                .toList();
    }

    private static Ensemble ensemble(List<Tree> trees, CategorySets sets, boolean floats) {
        return new Ensemble(
                Refusal.XGBOOST,
                trees,
                sets,
                new int[trees.size()],
                1,
                new double[] {0.5},
                1,
                Link.IDENTITY,
                1,
                floats,
                false,
                floats,
                FEATURES,
                List.of(),
                List.of());
    }

    private static ModelManifest manifest() {
        return ModelManifest.of(
                ModelManifest.XGBOOST_JSON,
                new Signature(IntStream.range(0, FEATURES)
                        .mapToObj(f -> Column.number("f" + f))
                        .toList()),
                Map.of());
    }
}
