package dev.perennial.scoring.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelManifest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files made to hurt: each is refused with its reason. */
class HostileFilesTest {
    private static final String JSON = "xgboost-3.2-logistic.json";
    private static final String DART = "xgboost-3.2-dart.json";
    private static final String TEXT = "lightgbm-4.7-binary.txt";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "refused-linear.json | cannot use this XGBoost model: booster 'gblinear' is not supported, only gbtree and dart",
                "refused-targets.json | cannot use this XGBoost model: models of several targets are not supported, it has 2",
                "refused-vectors.ubj | cannot use this XGBoost model: tree 0 has vector leaves",
                "refused-linear-leaves.txt | cannot use this LightGBM model: tree 0 has linear leaves, which are not supported",
            })
    void whatALibraryCanDoAndWeCannotIsRefusedByName(String file, String message) {
        assertRefused(format(file), Fixture.bytes(file), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "left_children   | 0 | 0          | node 0 of tree 0 has child 0, which is outside or used twice",
                "left_children   | 0 | 2          | node 0 of tree 0 has child 2, which is outside or used twice",
                "left_children   | 0 | 9999       | node 0 of tree 0 has child 9999, which is outside or used twice",
                "right_children  | 0 | -1         | node 0 of tree 0 has child -1, which is outside or used twice",
                "right_children  | 1 | 1          | node 1 of tree 0 has child 1, which is outside or used twice",
                "left_children   | 0 | 3000000000 | 'left_children' holds 3.0E9, which is no whole number of 32 bits",
                "left_children   | 0 | 0.5        | 'left_children' holds 0.5, which is no whole number of 32 bits",
                "split_indices   | 0 | 6          | tree 0 splits on feature 6 of 6",
                "split_indices   | 0 | -1         | tree 0 splits on feature -1 of 6",
            })
    void aNodeThatLeadsAstrayIsRefused(String array, int node, double value, String message) {
        byte[] file = edited(
                JSON,
                model -> array(tree(model), array)
                        .set(node, Json.mapper().getNodeFactory().numberNode(value)));
        assertRefused(ModelManifest.XGBOOST_JSON, file, "cannot use this XGBoost model: " + message);
    }

    @Test
    void aThresholdThatIsNoNumberIsRefused() {
        assertRefused(
                ModelManifest.XGBOOST_JSON,
                edited(JSON, model -> array(tree(model), "split_conditions").set(0, nan())),
                "cannot use this XGBoost model: node 0 of tree 0 splits at NaN");
    }

    @Test
    void aLeafThatIsNoNumberIsRefused() {
        byte[] file = edited(JSON, model -> {
            ArrayNode lefts = array(tree(model), "left_children");
            for (int node = 0; node < lefts.size(); node++) {
                if (lefts.get(node).asInt() < 0) {
                    array(tree(model), "split_conditions").set(node, nan());
                }
            }
        });
        assertRefusedWith(ModelManifest.XGBOOST_JSON, file, "of tree 0 has the value NaN");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "num_feature | 7           | it has 7 features, the manifest's signature 6 columns",
                "num_feature | -1          | it has no 'num_feature'",
                "num_feature | many        | 'num_feature' is 'many', which is no whole number",
                "num_class   | 2000000000  | 2000000000 classes; at most 1000 are possible",
                "num_target  | 2           | models of several targets are not supported, it has 2",
                "base_score  | 0           | base_score 0 is no possible result of its objective",
                "base_score  | NaN         | base_score NaN is no possible result of its objective",
                "base_score  | [0.1,0.2]   | base_score '[0.1,0.2]' has 2 numbers for 1 sum",
                "base_score  | []          | base_score '' is not one number",
            })
    void aParameterThatCannotBeIsRefused(String name, String value, String message) {
        byte[] file = edited(JSON, model -> parameters(model).put(name, value));
        assertRefused(ModelManifest.XGBOOST_JSON, file, "cannot use this XGBoost model: " + message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"left_children", "right_children", "split_indices", "split_conditions", "default_left"})
    void anArrayThatIsShorterThanTheOthersIsRefused(String array) {
        assertRefused(
                ModelManifest.XGBOOST_JSON,
                edited(JSON, model -> array(tree(model), array).remove(0)),
                "cannot use this XGBoost model: the arrays of tree 0 are missing, empty or differ in length");
    }

    @ParameterizedTest
    @CsvSource({
        "categories_segments,0,-1",
        "categories_sizes,0,100000000",
        "categories_nodes,0,-7",
        "categories_nodes,0,99999"
    })
    void aCategorySetOutsideItsArrayIsRefused(String array, int at, int value) {
        byte[] file = edited(
                "xgboost-3.2-softprob.json",
                model -> array(treeWithCategories(model), array)
                        .set(at, Json.mapper().getNodeFactory().numberNode(value)));
        assertRefusedWith(ModelManifest.XGBOOST_JSON, file, "do not fit together");
    }

    @Test
    void aCategoricalSplitWithoutItsSetIsRefused() {
        byte[] file = edited(
                "xgboost-3.2-softprob.json",
                model -> array(treeWithCategories(model), "categories_nodes").removeAll());
        assertRefusedWith(ModelManifest.XGBOOST_JSON, file, "lacks its category set");
    }

    @Test
    void aTreeOfAClassThatDoesNotExistIsRefused() {
        byte[] file = edited(
                JSON,
                model -> array((ObjectNode) booster(model).get("model"), "tree_info")
                        .set(3, Json.mapper().getNodeFactory().numberNode(1)));
        assertRefusedWith(ModelManifest.XGBOOST_JSON, file, "tree 3 belongs to class 1 of 1");
    }

    @Test
    void fewerWeightsThanTreesAreRefused() {
        assertRefused(
                ModelManifest.XGBOOST_JSON,
                edited(DART, model -> array(booster(model), "weight_drop").remove(0)),
                "cannot use this XGBoost model: 'weight_drop' has 7 numbers for 8 trees");
    }

    @Test
    void aBestIterationBehindTheLastIsRefused() {
        byte[] file = edited(
                JSON,
                model -> ((ObjectNode) model.at("/learner/attributes"))
                        .put("best_iteration", "900")
                        .put("scikit_learn", "{}"));
        assertRefused(
                ModelManifest.XGBOOST_JSON,
                file,
                "cannot use this XGBoost model: its best iteration is 900, which would need 901 of 20 trees");
    }

    @Test
    void namesOfOtherFeaturesAreRefused() {
        byte[] file = edited(
                JSON,
                model -> ((ArrayNode) model.at("/learner/feature_names"))
                        .add("a")
                        .add("b")
                        .add("c")
                        .add("d")
                        .add("e")
                        .add("f"));
        assertRefusedWith(ModelManifest.XGBOOST_JSON, file, "its features are [a, b, c, d, e, f], the manifest's");
    }

    @Test
    void treesThatStandTwiceAreRefused() {
        String text = new String(Fixture.bytes(JSON), StandardCharsets.UTF_8);
        byte[] file = text.replace("\"model\":{", "\"model\":{\"trees\":[],").getBytes(StandardCharsets.UTF_8);
        assertRefusedWith(ModelManifest.XGBOOST_JSON, file, "trees");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":"})
    void deepNestingOfJsonIsRefused(String open) {
        byte[] file = ("{\"x\":" + open.repeat(200_000)).getBytes(StandardCharsets.UTF_8);
        assertRefusedWith(ModelManifest.XGBOOST_JSON, file, "it is no JSON");
    }

    @Test
    void everyFileThatEndsTooEarlyIsRefused() {
        for (String name : List.of(JSON, "xgboost-3.2-dart.ubj", TEXT)) {
            byte[] whole = Fixture.bytes(name);
            int behindTrees = new String(whole, StandardCharsets.ISO_8859_1).indexOf("end of trees");
            int last = behindTrees < 0 ? whole.length : behindTrees;
            for (int end = 0; end < last; end += 97) {
                byte[] cut = Arrays.copyOf(whole, end);
                assertThatThrownBy(() -> load(format(name), cut))
                        .as(name + " cut")
                        .isInstanceOf(PerennialException.class)
                        .hasMessageStartingWith("cannot use this ");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "left_child=[^\\n]*    | left_child=0           | differ in length",
                "(left_child=)\\d+     | $10                    | node 0 of tree 0 has child 0, which is outside",
                "(left_child=)\\d+     | $199                   | has child 2147483647, which is outside",
                "(right_child=)-?\\d+  | $1-99                  | has child 2147483647, which is outside",
                "(threshold=)\\S+      | $1nan                  | node 0 of tree 0 splits at NaN",
                "(leaf_value=)\\S+     | $1inf                  | of tree 0 has the value Infinity",
                "(leaf_value=)\\S+     | $1x9                   | 'leaf_value' holds 'x9', which is no number",
                "(split_feature=)\\d+  | $16                    | tree 0 splits on feature 6 of 6",
                "(num_leaves=)\\d+     | $12000000000           | differ in length",
                "(decision_type=)\\d+  | $112                   | has the decision type 12",
                "(cat_boundaries=)\\d+ | $17                    | do not fit together",
                "(cat_threshold=)\\d+  | $15000000000           | which is no set of 32 bits",
                "max_feature_idx=5     | max_feature_idx=6      | the number of its feature names is not that of its 7 features",
                "max_feature_idx=5     | max_feature_idx=-1     | 'max_feature_idx' is -1",
                "(per_iteration=)1     | $17                    | are no whole number of iterations of 7",
                "(per_iteration=)1     | $12000                 | 2000 trees in an iteration; 1 to 1000 are possible",
                "(per_iteration=)1     | $12                    | objective 'binary' with 2 trees in an iteration",
                "sigmoid:0.7           | sigmoid:-1             | which must be above zero",
                "sigmoid:0.7           | sigmoid:big            | which is no number",
                "version=v4            | version=v2             | its version is 'v2', only v3 and v4 are supported",
                "objective=binary      | objective=secret       | objective 'secret' is not supported",
                "is_linear=0           | is_linear=1            | has linear leaves, which are not supported",
                "end of trees          | end                    | it ends before 'end of trees'",
                "^tree                 | forest                 | its first line is not 'tree'",
                "pandas_categorical.*  | pandas_categorical:[[  | is no JSON",
            })
    void aDamagedTextModelIsRefused(String pattern, String replacement, String message) {
        String text = new String(Fixture.bytes(TEXT), StandardCharsets.UTF_8);
        String damaged = text.replaceFirst("(?m)" + pattern, replacement);
        assertThat(damaged).isNotEqualTo(text);
        assertRefusedWith(ModelManifest.LIGHTGBM_TEXT, damaged.getBytes(StandardCharsets.UTF_8), message);
    }

    @Test
    void moreFeatureNamesThanAnySignatureHasAreRefused() {
        byte[] file = edited(JSON, model -> {
            ArrayNode names = (ArrayNode) model.at("/learner/feature_names");
            for (int i = 0; i <= Bounds.FEATURES_MAX; i++) {
                names.add("f" + i);
            }
        });
        assertRefused(ModelManifest.XGBOOST_JSON, file, "cannot use this XGBoost model: more than 10000 feature names");
    }

    @Test
    void millionsOfEmptyCategoriesAreRefused() {
        String text = new String(Fixture.bytes("xgboost-3.2-frame.json"), StandardCharsets.UTF_8);
        String many = text.replaceFirst("\"offsets\":\\[0", "\"offsets\":[" + "0,".repeat(1_000_000) + "0");
        assertThat(many).isNotEqualTo(text);
        assertRefused(
                ModelManifest.XGBOOST_JSON,
                many.getBytes(StandardCharsets.UTF_8),
                "cannot use this XGBoost model: more than 1000000 texts of categories");
    }

    @Test
    void aLineOfCategoriesThatWouldFillTheHeapIsRefused() {
        String text = new String(Fixture.bytes(TEXT), StandardCharsets.UTF_8);
        String many =
                text.replaceFirst("pandas_categorical:.*", "pandas_categorical:[[" + "0,".repeat(5 << 20) + "0]]");
        assertRefusedWith(
                ModelManifest.LIGHTGBM_TEXT,
                many.getBytes(StandardCharsets.UTF_8),
                "its categories take 10485765 characters; at most 8388608 are possible");
    }

    private static void assertRefused(String format, byte[] file, String message) {
        assertThatThrownBy(() -> load(format, file))
                .isInstanceOf(PerennialException.class)
                .hasMessage(message);
    }

    private static void assertRefusedWith(String format, byte[] file, String message) {
        assertThatThrownBy(() -> load(format, file))
                .isInstanceOf(PerennialException.class)
                .hasMessageStartingWith("cannot use this ")
                .hasMessageContaining(message);
    }

    private static void load(String format, byte[] file) {
        TreeFormats.load(ModelManifest.of(format, Fixture.signature(false), Map.of()), file)
                .close();
    }

    private static String format(String file) {
        return file.endsWith("json")
                ? ModelManifest.XGBOOST_JSON
                : file.endsWith("ubj") ? ModelManifest.XGBOOST_UBJ : ModelManifest.LIGHTGBM_TEXT;
    }

    private static byte[] edited(String file, Consumer<ObjectNode> change) {
        ObjectNode model = (ObjectNode) Json.parse(Fixture.bytes(file));
        change.accept(model);
        return Json.write(model).getBytes(StandardCharsets.UTF_8);
    }

    private static JsonNode nan() {
        return Json.mapper().getNodeFactory().rawValueNode(new RawValue("NaN"));
    }

    private static ObjectNode booster(ObjectNode model) {
        return (ObjectNode) model.at("/learner/gradient_booster");
    }

    private static ObjectNode parameters(ObjectNode model) {
        return (ObjectNode) model.at("/learner/learner_model_param");
    }

    private static ObjectNode tree(ObjectNode model) {
        return (ObjectNode) booster(model).at("/model/trees/0");
    }

    private static ObjectNode treeWithCategories(ObjectNode model) {
        for (JsonNode tree : booster(model).at("/model/trees")) {
            if (!tree.get("categories_nodes").isEmpty()) {
                return (ObjectNode) tree;
            }
        }
        throw new AssertionError("no tree has categories");
    }

    private static ArrayNode array(ObjectNode node, String name) {
        return (ArrayNode) node.get(name);
    }
}
