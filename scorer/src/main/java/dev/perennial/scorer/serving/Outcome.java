package dev.perennial.scorer.serving;

import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.Tensor;
import java.util.List;
import java.util.stream.Collectors;

/** How a call ended. */
public sealed interface Outcome {
    /**
     * Rows were scored.
     *
     * @param logged whether the answers are in the prediction log
     * @param sent to be called once the answer was sent, or could not be
     */
    record Scored(Endpoint endpoint, List<Answer> answers, boolean logged, Runnable sent) implements Outcome {
        /** Who answered rows in place of a version that failed; empty when nobody had to. */
        public String fallback() {
            if (!anyFallback()) {
                return "";
            }
            return answers.stream()
                    .filter(Answer::fallback)
                    .map(Answer::version)
                    .distinct()
                    .collect(Collectors.joining(","));
        }

        private boolean anyFallback() {
            if (answers instanceof ColumnAnswers) {
                return false;
            }
            for (Answer answer : answers) {
                if (answer.fallback()) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * A model gave tensors.
     *
     * @param version full name of the version that gave them
     * @param outputs all outputs of the model
     * @param instead whether it answers in place of a champion that failed
     */
    record Computed(Endpoint endpoint, String version, List<Tensor> outputs, boolean instead, Runnable sent)
            implements Outcome {
        public Computed(Endpoint endpoint, String version, List<Tensor> outputs, Runnable sent) {
            this(endpoint, version, outputs, false, sent);
        }

        /** The version that answered in place of the champion; empty when none had to. */
        public String fallback() {
            return instead ? version : "";
        }
    }

    /** Nothing was answered. */
    record Failed(PerennialException why) implements Outcome {}
}
