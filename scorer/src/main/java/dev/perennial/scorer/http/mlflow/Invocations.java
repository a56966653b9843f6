package dev.perennial.scorer.http.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.config.ScorerConfig.Mode;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.http.RowBuilder;
import dev.perennial.scorer.http.Texts;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Payload;
import dev.perennial.scorer.serving.Schema;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.schema.Caster;
import dev.perennial.scoring.schema.ColumnSpec;
import dev.perennial.scoring.schema.Enforced;
import dev.perennial.scoring.schema.MlflowSignature;
import dev.perennial.scoring.schema.Nanos;
import dev.perennial.scoring.schema.ScalarType;
import dev.perennial.scoring.schema.TensorBody;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bodies of MLflow's scoring protocol for an endpoint. Columns that form the prediction id and the two times are taken as such;
 * every other column that the model does not know is dropped and counted. Thread-safe.
 */
public final class Invocations {
    private final Payloads payloads;
    private final int rowsMax;
    private final NameTally dropped;
    private final NameTally lossy;
    /** By the schema itself, as long as somebody serves it. */
    private final Map<Schema, MlflowSignature> signatures = Collections.synchronizedMap(new WeakHashMap<>());

    /** @param rowsMax most rows of a request */
    public Invocations(Payloads payloads, Metrics metrics, int rowsMax) {
        this.payloads = payloads;
        this.rowsMax = rowsMax;
        this.dropped = new NameTally(
                metrics,
                "perennial_scorer_dropped_columns_total",
                "requests name a column that the model does not know:");
        this.lossy = new NameTally(
                metrics,
                "perennial_scorer_lossy_casts_total",
                "MLflow's casts change values, as mode mlflow asks, of column");
    }

    /** @throws dev.perennial.kernel.PerennialException when the body does not fit the endpoint */
    Payload read(Endpoint endpoint, BodyType type, byte[] body) {
        if (!endpoint.tabular()) {
            return payloads.payload(
                    endpoint,
                    TensorBody.read(endpoint.model(), type == BodyType.JSON ? body : null),
                    Payloads.Missing.NONE,
                    null);
        }
        MlflowSignature signature = signatures.computeIfAbsent(endpoint.schema(), Invocations::signature);
        if (type == BodyType.JSON && endpoint.mode() == Mode.STRICT) {
            Payload.Rows usual =
                    payloads.usual(endpoint, body, (rows, cursor) -> UsualSplit.read(rows, cursor, signature));
            if (usual != null) {
                return usual;
            }
        }
        return any(endpoint, signature, type, body);
    }

    /** By the full reader. */
    Payload.Rows any(Endpoint endpoint, MlflowSignature signature, BodyType type, byte[] body) {
        Caster caster = endpoint.mode() == Mode.STRICT ? Caster.STRICT : Caster.MLFLOW;
        Enforced enforced = type == BodyType.CSV
                ? Enforced.csv(signature, caster, body, rowsMax)
                : Enforced.json(signature, caster, body, rowsMax);
        List<String> own = count(endpoint, enforced);
        return payloads.rows(endpoint, enforced.raw().rows(), null, (builder, row) -> {
            for (int i = 0; i < signature.columns().size(); i++) {
                List<@Nullable Object> values = enforced.columns().get(i);
                if (values != null) {
                    put(builder, endpoint.schema().union().column(i), values.get(row));
                }
            }
            for (String name : own) {
                putOwn(builder, name, enforced.raw().value(name, row));
            }
        });
    }

    /** The columns of an endpoint of rows as MLflow would call them. */
    static MlflowSignature signature(Schema schema) {
        List<ColumnSpec> columns = new ArrayList<>(schema.union().size());
        for (int i = 0; i < schema.union().size(); i++) {
            Column column = schema.union().column(i);
            ScalarType byKind = column.type() == ColumnType.NUMBER ? ScalarType.DOUBLE : ScalarType.STRING;
            String declared = column.declared();
            ScalarType type = declared == null
                    ? byKind
                    : ScalarType.of(declared)
                            .filter(word -> (word == ScalarType.STRING) == (byKind == ScalarType.STRING))
                            .orElse(byKind);
            columns.add(ColumnSpec.of(column.name(), type, schema.required(i)));
        }
        return new MlflowSignature(columns, List.of(), List.of());
    }

    /** Counts what is dropped and what is changed; gives the extra columns that are ours. */
    private List<String> count(Endpoint endpoint, Enforced enforced) {
        List<String> own = new ArrayList<>();
        for (String name : enforced.extra()) {
            if (time(name) || endpoint.schema().slot(name) != null) {
                own.add(name);
            } else {
                dropped.add(endpoint.name(), name, 1);
            }
        }
        enforced.params().unknown().forEach(name -> dropped.add(endpoint.name(), "params." + name, 1));
        enforced.lossy().forEach((name, values) -> lossy.add(endpoint.name(), name, values));
        return own;
    }

    private static boolean time(String name) {
        return name.equals(Schema.EVENT_TIME) || name.equals(Schema.PREDICTED_AT);
    }

    private static void put(RowBuilder builder, Column column, @Nullable Object value) {
        String name = column.name();
        if (value == null || value instanceof Double number && Double.isNaN(number)) {
            builder.missing(name);
        } else if (value instanceof JsonNode json) {
            builder.other(name, json.isArray() ? "a list" : "an object");
        } else if (column.type() == ColumnType.NUMBER) {
            builder.number(name, value instanceof Boolean yes ? (yes ? 1 : 0) : ((Number) value).doubleValue());
        } else {
            builder.text(name, Enforced.text(value));
        }
    }

    /** A part of the prediction id, or a time; it never went through a cast. */
    private static void putOwn(RowBuilder builder, String name, JsonNode value) {
        boolean absent = value.isNull() || value.isMissingNode() || value.isDouble();
        if (time(name)) {
            if (!absent) {
                builder.time(name, millis(value), value.asText());
            }
        } else if (absent) {
            builder.missing(name);
        } else if (value.isTextual()) {
            builder.text(name, value.textValue());
        } else if (value.isNumber()) {
            builder.number(name, value.doubleValue());
        } else {
            builder.other(name, value.isBoolean() ? value.asText() : value.isArray() ? "a list" : "an object");
        }
    }

    private static long millis(JsonNode value) {
        if (value.isIntegralNumber()) {
            return value.canConvertToLong() ? Texts.checked(value.longValue()) : -1;
        }
        if (!value.isTextual()) {
            return -1;
        }
        String text = value.textValue();
        if (text.matches("\\d{1,15}")) {
            return Texts.checked(Long.parseLong(text));
        }
        Nanos nanos = Nanos.parse(text);
        return nanos == null ? Texts.time(text) : Texts.checked(nanos.millis());
    }
}
