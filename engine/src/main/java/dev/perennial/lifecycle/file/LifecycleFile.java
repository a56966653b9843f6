package dev.perennial.lifecycle.file;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One model's whole life as its team declares it: data, contract, features, training, gates, rollout, monitors, retraining. Immutable;
 * its canonical JSON is what is stored, hashed and sent to workers. Durations are milliseconds, days are calendar days in
 * {@link #timeZone}.
 *
 * @param sources by name; {@link #base()} is the one whose rows are predicted
 * @param contract rules in file order
 */
public record LifecycleFile(
        String model,
        String title,
        String owner,
        Risk risk,
        String timeZone,
        Map<String, Source> sources,
        Predict predict,
        List<ContractRule> contract,
        Features features,
        Train train,
        Gates gates,
        Rollout rollout,
        Monitor monitor,
        Retrain retrain) {

    public LifecycleFile {
        sources = Map.copyOf(sources);
        contract = List.copyOf(contract);
    }

    /** How much a wrong prediction may cost; {@code high} asks for a second person. */
    public enum Risk {
        minimal,
        limited,
        high
    }

    /**
     * @param from the source whose rows are predicted
     * @param label a 0/1 or boolean column of that source
     * @param aheadMillis how long before event time a prediction is made: nothing that became known later may be used
     */
    public record Predict(String from, String label, long aheadMillis) {}

    public ZoneId zone() {
        return ZoneId.of(timeZone);
    }

    /** Days and publication hours of this model. */
    public ModelCalendar calendar() {
        return new ModelCalendar(timeZone, retrain.time());
    }

    /** The source whose rows are predicted. */
    public Source base() {
        return source(predict.from());
    }

    public Source source(String name) {
        Source source = sources.get(name);
        if (source == null) {
            throw new IllegalArgumentException("no source '" + name + "' in " + sources.keySet());
        }
        return source;
    }

    /** Names of all features in declared order: columns, sums, latest, windows. */
    public List<String> featureNames() {
        return Stream.of(
                        features.columns().stream(),
                        features.sums().stream().map(Features.Sum::as),
                        features.latest().stream()
                                .flatMap(latest -> latest.outputs().stream())
                                .map(Features.Output::as),
                        features.windows().stream().map(Features.Window::as))
                .flatMap(names -> names)
                .toList();
    }

    /** SHA-256 of the canonical JSON: two files that mean the same have the same digest. */
    public Digest digest() {
        return Json.digest(this);
    }
}
