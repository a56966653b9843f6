package dev.perennial.gates;

import java.util.List;
import java.util.Optional;

/**
 * All verdicts on one candidate; stored as evidence of the version.
 *
 * @param verdict the worst of {@code verdicts}, see {@link Verdict}
 * @param withheld days that no verdict used, and why
 * @param rows labelled rows judged
 * @param clusters days judged
 * @param firstVersion there was no champion: gates against one were skipped
 * @param text one sentence for people
 */
public record GateReport(
        Verdict verdict,
        List<GateVerdict> verdicts,
        List<Evaluation.Withheld> withheld,
        long rows,
        int clusters,
        boolean firstVersion,
        String text) {

    public GateReport {
        verdicts = List.copyOf(verdicts);
        withheld = List.copyOf(withheld);
    }

    /** Whether the candidate may go on: on PASS, and on a REVIEW that a named person signed. Nothing else can be signed open. */
    public boolean opens(Optional<Signature> signature) {
        return verdict == Verdict.PASS || (verdict == Verdict.REVIEW && signature.isPresent());
    }

    /** The verdict of one gate. */
    public Optional<GateVerdict> of(String gate) {
        return verdicts.stream().filter(one -> one.gate().equals(gate)).findFirst();
    }
}
