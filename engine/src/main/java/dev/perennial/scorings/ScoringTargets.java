package dev.perennial.scorings;

import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.registry.Registry;
import dev.perennial.scorings.ScoringJob.Pinned;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.Variant;
import dev.perennial.serving.VersionFinder;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the version that people name. Thread-safe. */
public final class ScoringTargets {
    private static final Pattern ALIAS = Pattern.compile("[^@]*@([^/@]+)");

    private final Endpoints endpoints;
    private final Registry registry;

    public ScoringTargets(Endpoints endpoints, Registry registry) {
        this.endpoints = endpoints;
        this.registry = registry;
    }

    /**
     * The version that answers for an endpoint now.
     *
     * @throws PerennialException when there is no such endpoint, or no version answers there
     */
    public Pinned champion(ModelId endpoint) {
        endpoints.get(endpoint);
        return endpoints.variants(endpoint).stream()
                .filter(variant -> variant.role() == Variant.Role.champion)
                .findFirst()
                .map(variant -> new Pinned(
                        variant.version().toString(), variant.manifest(), variant.file(), variant.environment(), null))
                .orElseThrow(() -> PerennialException.state("endpoint '" + endpoint
                        + "' has no champion; 'perennial endpoints' lists what serves, --model names a version"));
    }

    /** The name of the model of {@code NAME/3}, {@code models:/NAME/3} or {@code models:/NAME@ALIAS}. */
    public static String model(String text) {
        try {
            return VersionFinder.model(text);
        } catch (PerennialException e) {
            throw PerennialException.invalid(
                    "model", "model '" + text + "' must look like NAME/3, models:/NAME/3 or models:/NAME@champion");
        }
    }

    /** A version that a lifecycle trained or that was proposed to one, which is ready to score; empty when there is none. */
    public Optional<Pinned> ready(String text) {
        String name = model(text);
        if (!ModelId.possible(name)) {
            return Optional.empty();
        }
        ModelId model = ModelId.parse(name);
        Matcher alias = ALIAS.matcher(text);
        Optional<VersionId> id = alias.matches()
                ? registry.alias(model, alias.group(1)).map(number -> new VersionId(model, number))
                : Optional.of(new VersionId(model, Integer.parseInt(text.substring(text.lastIndexOf('/') + 1))));
        return id.flatMap(registry::find)
                .map(version -> new Pinned(version.id().toString(), version.manifest(), version.file()));
    }
}
