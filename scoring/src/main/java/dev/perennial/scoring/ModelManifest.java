package dev.perennial.scoring;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What stands in {@code model.perennial.json} beside every model file. Only format and signature are needed to score; members that this
 * version does not know are ignored, because a manifest may be younger than its reader.
 *
 * @param format {@code xgboost-json}, {@code xgboost-ubj}, {@code lightgbm-text} or {@code onnx}
 * @param categories by category column the texts in the order of their codes; a text that is not in the list is an unseen category
 * @param prior share of positive labels in the training rows
 * @param inputExample a row by column name
 * @param outputExample the score of that row where it was trained; loading compares
 * @param parameters what the trainer was told
 * @param snapshot digest of the training data's manifest
 * @param trainedLabelKnownBy labels known by then were used, epoch millis
 * @param trainedDays first and last local day of the training rows
 * @param rows number of training rows
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelManifest(
        String format,
        Signature signature,
        Map<String, List<String>> categories,
        @Nullable Double prior,
        @Nullable Map<String, @Nullable Object> inputExample,
        @Nullable Double outputExample,
        @Nullable Long seed,
        @Nullable Map<String, Object> parameters,
        @Nullable String snapshot,
        @Nullable Long trainedLabelKnownBy,
        @Nullable Days trainedDays,
        @Nullable Long rows) {
    public static final String XGBOOST_JSON = "xgboost-json";
    public static final String XGBOOST_UBJ = "xgboost-ubj";
    public static final String LIGHTGBM_TEXT = "lightgbm-text";
    public static final String ONNX = "onnx";

    /** First and last day, ISO dates, both included. */
    public record Days(String first, String last) {}

    @SuppressWarnings("NullAway") // a JSON document may lack what the type demands: told by name here
    public ModelManifest {
        if (format == null) {
            throw missing("format");
        }
        if (signature == null) {
            throw missing("signature");
        }
        categories = categories == null ? Map.of() : Map.copyOf(categories);
        for (String column : categories.keySet()) {
            if (signature.position(column) < 0) {
                throw PerennialException.invalid(
                        "categories",
                        "the model manifest lists categories of '" + column + "', which is no column of its signature");
            }
        }
    }

    /** A manifest with what scoring needs and nothing else. */
    public static ModelManifest of(String format, Signature signature, Map<String, List<String>> categories) {
        return new ModelManifest(format, signature, categories, null, null, null, null, null, null, null, null, null);
    }

    /** @throws PerennialException naming what is missing or wrong */
    public static ModelManifest parse(byte[] json) {
        JsonNode tree = Json.parse(json);
        if (!tree.isObject()) {
            throw PerennialException.invalid("manifest", "the model manifest is no JSON object");
        }
        return Json.convert(tree, ModelManifest.class);
    }

    /** Canonical JSON: equal manifests have equal bytes. */
    public byte[] toJson() {
        return Json.canonical(this).getBytes(StandardCharsets.UTF_8);
    }

    private static PerennialException missing(String member) {
        return PerennialException.invalid(
                member, "the model manifest has no '" + member + "'; it needs at least format and signature");
    }
}
