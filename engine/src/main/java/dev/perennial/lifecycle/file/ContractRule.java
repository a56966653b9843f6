package dev.perennial.lifecycle.file;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What must be true of a source or of one of its columns.
 *
 * @param source the source's name
 * @param column null for rules on the whole source
 * @param type {@code string, integer, number, boolean, timestamp, date}; null when not checked
 * @param unit said to people; never converted
 * @param required no value may be missing
 * @param maxMissingShare share of missing values allowed, 0 to 1
 * @param oneOf allowed values
 * @param knownValues only values of the reference snapshot
 * @param unique the source's key occurs once (source rules)
 * @param minRows least number of rows in a day (source rules)
 * @param freshWithinMillis a day in which the newest row was ever older than this is in breach (source rules)
 */
public record ContractRule(
        String source,
        @Nullable String column,
        @Nullable String type,
        @Nullable String unit,
        @Nullable Double min,
        @Nullable Double max,
        boolean required,
        @Nullable Double maxMissingShare,
        @Nullable List<String> oneOf,
        boolean knownValues,
        boolean unique,
        @Nullable Long minRows,
        @Nullable Long freshWithinMillis,
        OnBreach onBreach) {

    /** What happens to data in breach. */
    public enum OnBreach {
        /** The row is set aside and used for nothing. */
        quarantine,
        /** The whole local day is left out of training and holdout, and named. */
        excludeDay,
        /** It is told. */
        warn
    }

    /** The name people use: {@code weather.wind_speed_mph} or {@code weather}. */
    public String target() {
        return column == null ? source : source + "." + column;
    }
}
