package dev.perennial.gates;

import dev.perennial.gates.GateContext.DataValidation;
import dev.perennial.gates.GateContext.ServingContract;
import dev.perennial.gates.GateContext.Skew;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Gates that every candidate meets, declared or not: sound data, a holdout that nobody saw, a signature that serving can fill. */
final class IntegrityGates {
    static final String DATA = "data validation";
    static final String SEPARATION = "holdout separation";
    static final String SERVING = "serving contract";

    private static final String CHAMPION = "champion";

    private IntegrityGates() {}

    static List<GateVerdict> judge(Evaluation evaluation, GateContext context) {
        List<GateVerdict> verdicts = new ArrayList<>();
        verdicts.add(data(context.validation()));
        verdicts.add(separation(
                "candidate", evaluation.candidateTrainedUntil(), context.candidateDeclaredUntil(), evaluation));
        if (evaluation.champion() != null) {
            verdicts.add(separation(
                    CHAMPION, evaluation.championTrainedUntil(), context.championDeclaredUntil(), evaluation));
        }
        verdicts.add(serving(context.serving()));
        return verdicts;
    }

    private static GateVerdict data(@Nullable DataValidation validation) {
        if (validation == null) {
            return GateVerdict.plain(
                    DATA,
                    Verdict.INSUFFICIENT_DATA,
                    Detail.NOT_MEASURED,
                    "Nobody checked the data of this candidate against its contract.");
        }
        if (!validation.blocking().isEmpty()) {
            return GateVerdict.plain(
                    DATA,
                    Verdict.FAIL,
                    Detail.DATA_BROKEN,
                    "The data break their contract: " + String.join("; ", validation.blocking()) + ".");
        }
        String remedied =
                validation.remedied().isEmpty() ? "" : "; dealt with: " + String.join("; ", validation.remedied());
        return GateVerdict.plain(
                DATA,
                Verdict.PASS,
                Detail.SHOWN,
                "All " + validation.constraints() + " constraints were checked" + remedied + ".");
    }

    private static GateVerdict separation(
            String who, @Nullable Long proven, @Nullable Long declared, Evaluation evaluation) {
        String gate = SEPARATION + " of " + who;
        Optional<Long> until = Optional.ofNullable(proven).or(() -> Optional.ofNullable(declared));
        if (until.isEmpty()) {
            return GateVerdict.plain(
                    gate,
                    Verdict.INSUFFICIENT_DATA,
                    Detail.CUT_OFF_UNKNOWN,
                    "Nobody says until when the " + who + " was trained, so it may have seen the holdout from "
                            + time(evaluation.from()) + "; declare its training cut-off.");
        }
        if (until.get() > evaluation.from()) {
            return GateVerdict.plain(
                    gate,
                    Verdict.INSUFFICIENT_DATA,
                    Detail.SAW_HOLDOUT,
                    "The " + who + " was trained on data up to " + time(until.get())
                            + ", which reaches into the holdout that starts " + time(evaluation.from())
                            + "; judge it on later days.");
        }
        if (proven == null) {
            return GateVerdict.plain(
                    gate,
                    Verdict.REVIEW,
                    Detail.CUT_OFF_DECLARED,
                    "The " + who + " comes from outside: that its training ended " + time(until.get())
                            + " is declared and cannot be proven; a person must vouch for it"
                            + (who.equals(CHAMPION)
                                    ? ", and for every comparison with it until a version trained here is champion."
                                    : "."));
        }
        return GateVerdict.plain(
                gate,
                Verdict.PASS,
                Detail.SHOWN,
                "The " + who + " saw only data up to " + time(until.get()) + "; the holdout starts "
                        + time(evaluation.from()) + ".");
    }

    private static GateVerdict serving(@Nullable ServingContract serving) {
        if (serving == null) {
            return GateVerdict.plain(
                    SERVING,
                    Verdict.INSUFFICIENT_DATA,
                    Detail.NOT_MEASURED,
                    "Nobody compared the candidate's signature with what serving computes.");
        }
        List<String> broken = new ArrayList<>();
        if (!serving.missing().isEmpty()) {
            broken.add("serving has no value for " + String.join(", ", serving.missing()));
        }
        broken.addAll(serving.wrongTypes());
        if (!broken.isEmpty()) {
            return GateVerdict.plain(
                    SERVING,
                    Verdict.FAIL,
                    Detail.SIGNATURE_BROKEN,
                    "The candidate does not fit its endpoint: " + String.join("; ", broken) + ".");
        }
        List<String> skewed = serving.skew().stream()
                .filter(Skew::shown)
                .map(IntegrityGates::text)
                .toList();
        if (!skewed.isEmpty()) {
            return GateVerdict.plain(
                    SERVING,
                    Verdict.FAIL,
                    Detail.SKEW,
                    "Serving computes other values than training did: " + String.join("; ", skewed) + ".");
        }
        long cells = serving.skew().stream().mapToLong(Skew::rows).sum();
        return GateVerdict.plain(
                SERVING,
                Verdict.PASS,
                Detail.SHOWN,
                "The signature fits the endpoint"
                        + (cells == 0
                                ? "; nothing was served yet whose values could be compared."
                                : String.format(
                                        Locale.ROOT, "; %,d served values were compared with training.", cells)));
    }

    private static String text(Skew column) {
        return String.format(
                Locale.ROOT, "%s differs in %,d of %,d rows", column.column(), column.differing(), column.rows());
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }
}
