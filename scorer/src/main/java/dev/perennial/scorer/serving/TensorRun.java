package dev.perennial.scorer.serving;

import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.CallTally;
import dev.perennial.predictionlog.CallTally.Counts;
import dev.perennial.predictionlog.CallTally.Group;
import dev.perennial.predictionlog.CallTally.Times;
import dev.perennial.predictionlog.Role;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.serving.Predictor.TensorsCall;
import dev.perennial.scorer.spool.Spool;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.RunLimit;
import dev.perennial.tensors.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls of tensors: each goes to the version that the split draws for its caller; those of one version go through it together where they are
 * alike. They leave no records, but tallies of what rollouts are judged by. Used once; not thread-safe.
 *
 * <p>While a candidate answers, the champion's calls that are compared with its own run apart from the others, so that both are timed in
 * batches of their like. Calls of both halves of the champion's callers that ran together are not timed: they would differ less than two
 * versions do.
 */
final class TensorRun {
    private final Tools tools;
    private final Serving serving;
    private final Endpoint endpoint;

    /**
     * What every run needs.
     *
     * @param nanos a clock that only ever grows
     */
    record Tools(Router router, Spool spool, Shadows shadows, Metrics metrics, LongSupplier nanos) {}

    /** A call and what the split and the models make of it. */
    private static final class Part {
        private final TensorsCall call;
        private final Split.Choice choice;
        private @Nullable Outcome outcome;

        Part(TensorsCall call, Split.Choice choice) {
            this.call = call;
            this.choice = choice;
        }

        List<Tensor> inputs() {
            return call.asked().inputs();
        }

        RunLimit limit() {
            return call.call().limit();
        }

        Group group() {
            if (choice.canary() != null) {
                return Group.CANDIDATE;
            }
            return choice.control() ? Group.CONTROL : Group.REST;
        }
    }

    TensorRun(Tools tools, Serving serving, Endpoint endpoint) {
        this.tools = tools;
        this.serving = serving;
        this.endpoint = endpoint;
    }

    /** Rows that a call counts as: those of its first tensor, and one at least. */
    static long rows(List<Tensor> inputs) {
        return Math.max(1, inputs.getFirst().rows());
    }

    /** Whether a version takes and gives what the champion does, so that it may answer in its place. */
    static boolean speaks(Endpoint endpoint, Variant version) {
        return version == endpoint.champion()
                || version.model().schema().equals(endpoint.champion().model().schema());
    }

    static ModelFailure other(Endpoint endpoint, Variant version) {
        return new ModelFailure("version " + version.version() + " takes or gives other tensors than the champion "
                + endpoint.championVersion());
    }

    /** Answers calls; each has its own end, in their order. */
    List<Outcome> run(List<TensorsCall> calls) {
        List<Part> parts = new ArrayList<>(calls.size());
        for (TensorsCall call : calls) {
            parts.add(new Part(call, endpoint.choose(call.asked().key())));
        }
        if (parts.size() == 1) {
            return List.of(alone(parts.getFirst(), drawn(parts.getFirst())));
        }
        groups(parts).forEach(this::runTogether);
        return parts.stream().map(part -> Objects.requireNonNull(part.outcome)).toList();
    }

    private Variant drawn(Part part) {
        Variant canary = part.choice.canary();
        return canary == null ? endpoint.champion() : canary;
    }

    private Collection<List<Part>> groups(List<Part> parts) {
        if (endpoint.canaries().isEmpty()) {
            return List.of(parts);
        }
        Map<Split.Choice, List<Part>> groups = new LinkedHashMap<>();
        parts.forEach(part ->
                groups.computeIfAbsent(part.choice, choice -> new ArrayList<>()).add(part));
        return groups.values();
    }

    private void runTogether(List<Part> group) {
        Variant drawn = drawn(group.getFirst());
        if (group.size() < 2 || !speaks(endpoint, drawn) || !together(group, drawn)) {
            for (Part part : group) {
                part.outcome = alone(part, drawn);
            }
        }
    }

    /** False when the calls are not alike, or the model does not take them at once: nothing was answered then. */
    private boolean together(List<Part> group, Variant drawn) {
        List<Tensor> first = group.getFirst().inputs();
        if (!TensorBatch.possible(endpoint.model())
                || !group.stream().allMatch(part -> TensorBatch.alike(first, part.inputs()))) {
            return false;
        }
        Optional<TensorBatch> batch =
                TensorBatch.join(group.stream().map(Part::inputs).toList());
        if (batch.isEmpty()) {
            return false;
        }
        long start = tools.nanos().getAsLong();
        List<Tensor> outputs;
        try {
            outputs = drawn.model().run(batch.get().inputs(), RunLimit.NONE);
        } catch (ModelFailure e) {
            return drawn == endpoint.champion() && insteadTogether(group, batch.get(), e);
        } catch (PerennialException e) {
            return false; // each alone, so that only the guilty one fails
        }
        long micros = micros(start) / group.size();
        Optional<List<List<Tensor>>> parted = batch.get().part(outputs);
        if (parted.isEmpty()) {
            return false;
        }
        boolean ofOneKind = group.stream().map(Part::group).distinct().count() == 1;
        for (int i = 0; i < group.size(); i++) {
            Part part = group.get(i);
            part.outcome = answered(part, drawn, parted.get().get(i), ofOneKind ? Times.of(micros) : Times.NONE);
        }
        return true;
    }

    /**
     * What the endpoint falls back to answers all at once when the champion was away or took too long, since it would again for each.
     *
     * @return false when each is to be tried alone, so that only the guilty one fails
     */
    private boolean insteadTogether(List<Part> group, TensorBatch batch, ModelFailure failure) {
        boolean again = failure.kind() == ModelFailure.Kind.AWAY || failure.kind() == ModelFailure.Kind.DEADLINE;
        Fallback fallback = endpoint.fallback().orElse(null);
        if (!again || fallback == null) {
            return false;
        }
        Optional<List<List<Tensor>>> parted;
        try {
            parted = batch.part(fallback.run(endpoint.champion(), batch.inputs(), RunLimit.NONE, failure));
        } catch (ModelFailure | PerennialException e) {
            return false;
        }
        if (parted.isEmpty()) {
            return false;
        }
        endpoint.champion().failed();
        for (int i = 0; i < group.size(); i++) {
            Part part = group.get(i);
            part.outcome = instead(
                    part, endpoint.champion(), fallback.name(), parted.get().get(i));
        }
        return true;
    }

    private Outcome alone(Part part, Variant drawn) {
        try {
            if (!speaks(endpoint, drawn)) {
                throw other(endpoint, drawn);
            }
            long start = tools.nanos().getAsLong();
            List<Tensor> outputs = drawn.run(part.inputs(), part.limit());
            return answered(part, drawn, outputs, Times.of(micros(start)));
        } catch (ModelFailure e) {
            return failed(part, drawn, e);
        } catch (PerennialException e) {
            return new Outcome.Failed(e); // the caller's fault, such as bytes that are no text
        }
    }

    private Outcome answered(Part part, Variant drawn, List<Tensor> outputs, Times times) {
        boolean canary = part.choice.canary() != null;
        if (canary) {
            drawn.fuse().success();
        }
        tally(part, drawn, new Counts(1, rows(part.inputs()), 0, 0), times);
        return computed(part, drawn.version(), canary ? Role.CANARY : Role.CHAMPION, outputs);
    }

    /** The version that was drawn failed: the champion answers in a candidate's place, and in the champion's what the endpoint falls back to. */
    private Outcome failed(Part part, Variant drawn, ModelFailure failure) {
        Variant champion = endpoint.champion();
        ModelFailure told = failure;
        try {
            if (drawn != champion) {
                blow(part, drawn, failure);
                try {
                    return instead(part, drawn, champion.version(), champion.run(part.inputs(), part.limit()));
                } catch (ModelFailure e) {
                    told = e;
                }
            }
            Fallback fallback = Fallback.replacing(endpoint, told);
            List<Tensor> outputs = fallback.run(champion, part.inputs(), part.limit(), told);
            return instead(part, drawn, fallback.name(), outputs);
        } catch (ModelFailure e) {
            if (e.kind() != ModelFailure.Kind.INPUT) { // what the champion does not take says nothing about a version
                tally(part, drawn, new Counts(1, rows(part.inputs()), 1, 0), Times.NONE);
            }
            return Inference.failed(endpoint, e);
        } catch (PerennialException e) {
            return new Outcome.Failed(e); // the caller's fault
        }
    }

    private void blow(Part part, Variant candidate, ModelFailure failure) {
        if (failure.kind() != ModelFailure.Kind.INPUT) {
            String key = String.valueOf(part.call.asked().key());
            candidate.fuse().failure(key, String.valueOf(failure.getMessage())).ifPresent(tools.router()::takeOut);
        }
    }

    /** @param version what answers in place of the version that was drawn */
    private Outcome instead(Part part, Variant drawn, String version, List<Tensor> outputs) {
        tally(part, drawn, new Counts(1, rows(part.inputs()), 1, 1), Times.NONE);
        return computed(part, version, Role.FALLBACK, outputs);
    }

    private Outcome.Computed computed(Part part, String version, Role role, List<Tensor> outputs) {
        endpoint.counter(tools.metrics(), new Answer("", Double.NaN, version, role))
                .increment();
        Runnable sent = tools.shadows().offer(serving, endpoint, part.inputs());
        return new Outcome.Computed(endpoint, version, outputs, role == Role.FALLBACK, sent);
    }

    private void tally(Part part, Variant drawn, Counts counts, Times times) {
        if (endpoint.tallied()) {
            CallTally call = new CallTally(0, drawn.version(), part.group(), counts, times);
            tools.spool().called(endpoint.name(), endpoint.form(), call);
        }
    }

    private long micros(long start) {
        return TimeUnit.NANOSECONDS.toMicros(tools.nanos().getAsLong() - start);
    }
}
