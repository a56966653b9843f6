package dev.perennial.scorings;

import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.registry.ModelVersion;
import dev.perennial.registry.Registry;
import dev.perennial.scorings.ScoringJob.Pinned;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.Variant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the version that people name. Thread-safe. */
public final class ScoringTargets {
    private static final String SCHEME = "models:/";
    private static final Pattern ALIAS = Pattern.compile("models:/([^/@]+)@([^/@]+)");

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
                        variant.version().toString(), variant.manifest(), variant.file(), variant.environment()))
                .orElseThrow(() -> PerennialException.state("endpoint '" + endpoint
                        + "' has no champion; 'perennial endpoints' lists what serves, --model names a version"));
    }

    /** The model of {@code NAME/3}, {@code models:/NAME/3} or {@code models:/NAME@ALIAS}. */
    public static ModelId model(String text) {
        Matcher alias = ALIAS.matcher(text);
        return alias.matches() ? ModelId.parse(alias.group(1)) : number(text).model();
    }

    /** The version of {@code NAME/3}, {@code models:/NAME/3} or {@code models:/NAME@ALIAS}. */
    public Pinned version(String text) {
        Matcher alias = ALIAS.matcher(text);
        VersionId id = alias.matches() ? byAlias(ModelId.parse(alias.group(1)), alias.group(2)) : number(text);
        ModelVersion version = registry.find(id)
                .orElseThrow(() -> PerennialException.notFound("no version '" + id
                        + "' that can be scored: it takes one that a lifecycle trained or that was proposed with"
                        + " 'perennial candidate'; 'perennial models' lists the models"));
        return new Pinned(id.toString(), version.manifest(), version.file());
    }

    private VersionId byAlias(ModelId model, String alias) {
        return registry.alias(model, alias)
                .map(number -> new VersionId(model, number))
                .orElseThrow(() -> PerennialException.notFound("model '" + model + "' has no alias '" + alias + "'"));
    }

    private static VersionId number(String text) {
        try {
            return VersionId.parse(text.startsWith(SCHEME) ? text.substring(SCHEME.length()) : text);
        } catch (PerennialException e) {
            throw PerennialException.invalid(
                    "model", "model '" + text + "' must look like NAME/3, models:/NAME/3 or models:/NAME@champion");
        }
    }
}
