package dev.perennial.lifecycle;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.rollout.RolloutDecision;
import dev.perennial.rollout.RolloutReplay;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Judges the stored evidence of a rollout's decisions again. Pure: changes nothing. Thread-safe. */
public final class Rejudging {
    private final RolloutBook book;
    private final Decisions decisions;

    Rejudging(RolloutBook book, Decisions decisions) {
        this.book = book;
        this.decisions = decisions;
    }

    /**
     * One decision and what its evidence gives now.
     *
     * @param verdict as it is told
     * @param evidence digest of the evidence, as the ledger holds it
     * @param again action and reason from the evidence; null for a person's act and for a decision of a release that did not keep what it was
     *     judged by
     * @param same whether the evidence leads to the same decision; null where there is nothing to judge
     */
    public record Judged(
            String decision,
            long at,
            String verdict,
            String evidence,
            @Nullable String again,
            @Nullable Boolean same) {}

    /**
     * All of a rollout.
     *
     * @param same false when any evidence leads to another decision than the stored one
     */
    public record Report(String rollout, boolean same, List<Judged> decisions) {}

    /** Fails with {@code NOT_FOUND} for a rollout that the model never had. */
    public Report rejudge(ModelId model, String rollout) {
        RolloutBook.Entry entry = book.find(model, rollout)
                .orElseThrow(() -> PerennialException.notFound(
                        "model '" + model + "' has no rollout '" + rollout + "'; list them to see which it has"));
        List<Judged> judged = book.decisions(entry.id()).stream()
                .map(id -> decisions.find(model, id))
                .flatMap(Optional::stream)
                .map(Rejudging::again)
                .toList();
        boolean same = judged.stream().noneMatch(one -> Boolean.FALSE.equals(one.same()));
        return new Report(entry.id(), same, judged);
    }

    private static Judged again(Decision decision) {
        Optional<RolloutReplay.Verdict> verdict =
                RolloutReplay.of(decision.evidence()).map(RolloutReplay::again);
        return new Judged(
                decision.id(),
                decision.at(),
                decision.verdict(),
                Json.digest(decision.evidence()).hex(),
                verdict.map(RolloutReplay.Verdict::again).map(Rejudging::words).orElse(null),
                verdict.map(RolloutReplay.Verdict::same).orElse(null));
    }

    private static String words(RolloutDecision decision) {
        return decision.action() + " " + decision.reason();
    }
}
