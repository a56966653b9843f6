package dev.perennial.scoring;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.perennial.predictionlog.ColumnType;
import org.jspecify.annotations.Nullable;

/**
 * An input of a model.
 *
 * @param required whether a caller must name it; its value may still be null, which means missing. True unless told otherwise
 * @param declared the type in the words of MLflow's signature, {@code long} for example; null for a model that has none
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Column(
        String name,
        ColumnType type,
        boolean required,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String declared) {
    /** Of a model without MLflow's signature. */
    public Column(String name, ColumnType type, boolean required) {
        this(name, type, required, null);
    }

    public static Column number(String name) {
        return new Column(name, ColumnType.NUMBER, true);
    }

    public static Column category(String name) {
        return new Column(name, ColumnType.CATEGORY, true);
    }

    @JsonCreator
    static Column of(
            @JsonProperty(value = "name", required = true) String name,
            @JsonProperty(value = "type", required = true) ColumnType type,
            @JsonProperty("required") @Nullable Boolean required,
            @JsonProperty("declared") @Nullable String declared) {
        return new Column(name, type, required == null || required, declared);
    }
}
