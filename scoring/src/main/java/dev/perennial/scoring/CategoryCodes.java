package dev.perennial.scoring;

import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.ColumnType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns rows into the numbers that a model was trained on: categories become their codes, missing values NaN. Thread-safe. */
public final class CategoryCodes {
    private final @Nullable Map<String, Float>[] codes;
    private final float[] unseen;

    /** @throws PerennialException when a category column has no list of texts, or one that names a text twice */
    @SuppressWarnings({"unchecked", "rawtypes"})
    public CategoryCodes(Signature signature, Map<String, List<String>> categories) {
        codes = new Map[signature.size()];
        unseen = new float[signature.size()];
        for (int i = 0; i < codes.length; i++) {
            Column column = signature.column(i);
            if (column.type() == ColumnType.CATEGORY) {
                List<String> values = categories.get(column.name());
                if (values == null) {
                    throw PerennialException.invalid(
                            "categories", "the model manifest lists no categories for column '" + column.name() + "'");
                }
                codes[i] = byText(column.name(), values);
                unseen[i] = values.size();
            }
        }
    }

    /** Number of known categories of a column, 0 for a number. */
    int known(int column) {
        return (int) unseen[column];
    }

    /** Whether a column holds texts. */
    public boolean category(int column) {
        return codes[column] != null;
    }

    /** Code of a text of a category column; NaN when it is missing, behind all known codes when it is unseen. */
    public double code(int column, @Nullable String text) {
        Map<String, Float> known = codes[column];
        if (text == null || known == null) {
            return Double.NaN;
        }
        Float code = known.get(text);
        return code == null ? unseen[column] : code;
    }

    void encode(Row row, float[] into) {
        for (int i = 0; i < codes.length; i++) {
            Map<String, Float> known = codes[i];
            if (known == null) {
                into[i] = (float) row.number(i);
            } else {
                String text = row.text(i);
                into[i] = text == null ? Float.NaN : known.getOrDefault(text, unseen[i]);
            }
        }
    }

    private static Map<String, Float> byText(String column, List<String> values) {
        Map<String, Float> codes = new HashMap<>();
        for (String value : values) {
            if (codes.put(value, (float) codes.size()) != null) {
                throw PerennialException.invalid(
                        "categories", "category '" + value + "' of column '" + column + "' is listed twice");
            }
        }
        return codes;
    }
}
