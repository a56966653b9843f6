package dev.perennial.gates;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What gates need to know beside the evaluation. Null means that nobody looked, and what nobody looked at opens nothing.
 *
 * @param candidateDeclaredUntil until when someone says the candidate was trained, for a version from outside; null when nobody says
 * @param championDeclaredUntil the same for the champion
 */
public record GateContext(
        @Nullable Long candidateDeclaredUntil,
        @Nullable Long championDeclaredUntil,
        @Nullable DataValidation validation,
        @Nullable ServingContract serving) {

    /**
     * The contract, checked on the rows of training and holdout.
     *
     * @param constraints how many were checked
     * @param blocking failed constraints for which the file offers no remedy, one sentence each
     * @param remedied what was quarantined, excluded or only told, one sentence each
     */
    public record DataValidation(int constraints, List<String> blocking, List<String> remedied) {
        public DataValidation {
            blocking = List.copyOf(blocking);
            remedied = List.copyOf(remedied);
        }
    }

    /**
     * The candidate's signature against what serving has.
     *
     * @param missing columns the candidate needs that neither callers send nor serving computes
     * @param wrongTypes columns whose type differs, one sentence each
     * @param skew cells compared between serving and training; empty before anything was served
     */
    public record ServingContract(List<String> missing, List<String> wrongTypes, List<Skew> skew) {
        public ServingContract {
            missing = List.copyOf(missing);
            wrongTypes = List.copyOf(wrongTypes);
            skew = List.copyOf(skew);
        }
    }

    /** Of {@code rows} served values of a column, {@code differing} were not equal to those computed for training. */
    public record Skew(String column, long rows, long differing) {
        /** A column with a greater share of differing values is computed differently for serving than for training. */
        static final double SHARE_MAX = 0.001;

        /** Whether so many differ. */
        public boolean shown() {
            return differing > SHARE_MAX * rows;
        }
    }
}
