package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A body that fits its model's signature.
 *
 * @param raw the columns as they came, also those that the signature lacks
 * @param columns by position in the signature, one value for each row; null where an optional column did not come
 * @param extra names that the signature lacks
 * @param lossy by column how many values MLflow's casts changed; empty in strict mode
 * @param params what was sent and the defaults
 */
public record Enforced(
        RawFrame raw,
        List<@Nullable List<@Nullable Object>> columns,
        List<String> extra,
        Map<String, Integer> lossy,
        ParamSpec.Sent params) {
    /**
     * Reads a JSON body.
     *
     * @param caster {@link Caster#STRICT} or {@link Caster#MLFLOW}
     * @param rowsMax more rows are refused
     * @throws dev.perennial.kernel.PerennialException when it cannot be read or does not fit
     */
    public static Enforced json(MlflowSignature signature, Caster caster, byte[] body, int rowsMax) {
        boolean strict = caster == Caster.STRICT;
        ServingBody read = ServingBody.read(body, strict);
        RawFrame frame = new Frames(signature, strict, rowsMax).read(read);
        boolean odd = read.params() != null
                && !read.params().isObject()
                && signature.params().isEmpty()
                && !strict;
        return of(signature, caster, frame, ParamSpec.check(signature.params(), odd ? null : read.params()));
    }

    /** Reads a CSV body; it cannot hold parameters. */
    public static Enforced csv(MlflowSignature signature, Caster caster, byte[] body, int rowsMax) {
        RawFrame frame = CsvReader.read(body, caster == Caster.STRICT, rowsMax);
        return of(signature, caster, frame, ParamSpec.check(signature.params(), null));
    }

    /** A cast value as Python's {@code str} writes it: what a model of texts makes of a number that MLflow let through. */
    public static String text(Object value) {
        return switch (value) {
            case Boolean bool -> bool ? "True" : "False";
            case Double number -> Python.repr(number);
            default -> value.toString();
        };
    }

    private static Enforced of(MlflowSignature signature, Caster caster, RawFrame frame, ParamSpec.Sent params) {
        List<ColumnSpec> specs = signature.columns();
        List<String> present = List.copyOf(frame.columns().keySet());
        List<@Nullable List<@Nullable Object>> columns = new ArrayList<>(specs.size());
        Map<String, Integer> lossy = new LinkedHashMap<>();
        Set<String> used = new HashSet<>();
        List<String> absent = new ArrayList<>();
        for (int i = 0; i < specs.size(); i++) {
            ColumnSpec spec = specs.get(i);
            String byPosition = i < present.size() ? present.get(i) : null;
            String name = spec.name() == null ? byPosition : spec.name();
            List<JsonNode> values = name == null ? null : frame.columns().get(name);
            if (name == null || values == null) {
                if (spec.required()) {
                    absent.add(spec.label(i));
                }
                columns.add(null);
                continue;
            }
            used.add(name);
            columns.add(caster.cast(spec.label(i), spec, frame.form(), values));
            if (caster != Caster.STRICT) {
                count(lossy, spec.label(i), spec, frame.form(), values);
            }
        }
        List<String> extra =
                present.stream().filter(name -> !used.contains(name)).toList();
        if (!absent.isEmpty()) {
            String more = extra.isEmpty() ? "" : "; there were others: " + shown(extra);
            throw Refusals.violation(shown(absent), "Model is missing inputs " + shown(absent) + more);
        }
        return new Enforced(frame, columns, extra, lossy, params);
    }

    private static void count(
            Map<String, Integer> lossy, String label, ColumnSpec spec, Form form, List<JsonNode> values) {
        int lost = 0;
        for (JsonNode value : values) {
            lost += StrictCast.keeps(spec, form, value) ? 0 : 1;
        }
        if (lost > 0) {
            lossy.put(label, lost);
        }
    }

    private static String shown(List<String> names) {
        return String.join(", ", names.stream().limit(20).map(Values::shortened).toList());
    }
}
