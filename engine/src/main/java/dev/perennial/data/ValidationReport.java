package dev.perennial.data;

import dev.perennial.lifecycle.file.ContractRule.OnBreach;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the contract says about the data: each rule with its count, the rows set aside, and the days left out.
 *
 * @param constraints one for each rule of each contract line, in file order
 * @param quarantined rows that are used for nothing; at most {@value #QUARANTINED_MAX} are named
 * @param excludedDays local days that are left out of training and holdout, in order
 */
public record ValidationReport(
        List<Constraint> constraints, List<Quarantined> quarantined, List<ExcludedDay> excludedDays) {
    public static final int QUARANTINED_MAX = 1000;
    /** Rows shown for a constraint in breach. */
    public static final int EXAMPLES_MAX = 10;

    public ValidationReport {
        constraints = List.copyOf(constraints);
        quarantined = List.copyOf(quarantined);
        excludedDays = List.copyOf(excludedDays);
    }

    public enum Status {
        PASS,
        FAIL,
        /** Nothing to check, or nothing to check against. */
        NOT_APPLICABLE
    }

    /**
     * One rule.
     *
     * @param target {@code weather.wind_speed_mph} or {@code weather}
     * @param rule {@code type, required, max-missing, min, max, one-of, known-values, unique, min-rows, fresh-within}
     * @param expected the rule in words, for example {@code at most 150}
     * @param checked rows, days or prediction times that were looked at
     * @param failed those in breach
     * @param share failed / checked
     */
    public record Constraint(
            String target,
            String rule,
            String expected,
            Status status,
            long checked,
            long failed,
            double share,
            List<Example> examples,
            OnBreach onBreach) {
        public Constraint {
            examples = List.copyOf(examples);
        }
    }

    /** A row or day in breach: its key and the value found. */
    public record Example(Map<String, String> key, @Nullable String value) {}

    /** A row that a rule set aside. */
    public record Quarantined(
            String source,
            Map<String, String> key,
            String column,
            @Nullable String value,
            String rule) {}

    /** A day that a rule left out. */
    public record ExcludedDay(String day, String rule, String reason) {}
}
