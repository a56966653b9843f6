package dev.perennial.predictionlog;

import java.util.List;

/**
 * Rows that the champion answered together, in columns: the same as as many prediction records, without an object for each. Shares its
 * arrays with the maker.
 *
 * @param ids of the rows, in their order
 * @param version that answered
 * @param millis when the rows were predicted, which is also the time of their events
 * @param micros what a row took, in the mean
 * @param columns that are logged
 * @param numbers by column its values, NaN where one is missing; a column without values is missing in every row
 * @param scores of the rows
 */
@SuppressWarnings("ArrayRecordComponent")
public record ChampionBatch(
        List<String> ids,
        String version,
        long millis,
        long micros,
        List<LogColumn> columns,
        double[][] numbers,
        double[] scores) {
    /** Values of a column that did not come. */
    public static final double[] NONE = {};

    public int rows() {
        return scores.length;
    }
}
