package dev.perennial.registry;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.ArtifactPath;
import dev.perennial.tracking.TrackingRuns;
import java.util.Optional;

/** Finds the files of runs in the tracking room of this server. */
public final class TrackedOrigins implements Origins {
    private final TrackingRuns runs;

    public TrackedOrigins(TrackingRuns runs) {
        this.runs = runs;
    }

    @Override
    public Optional<String> artifactsOfRun(String run) {
        try {
            return Optional.of(runs.get(run).info().artifactUri());
        } catch (PerennialException e) {
            if (e.code() == ErrorCode.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public Optional<Logged> loggedModel(String id) {
        return runs.models().find(id).map(model -> new Logged(model.artifactUri(), model.sourceRun()));
    }

    @Override
    public void requireWhole(String manifest) {
        runs.artifacts().requireWhole(runs.artifacts().manifest(new Digest(manifest)));
    }

    @Override
    public Optional<String> freeze(String artifacts) {
        return runs.artifacts()
                .place(artifacts)
                .map(place -> place.freeze(ArtifactPath.of("")))
                .filter(manifest -> !manifest.files().isEmpty())
                .map(manifest -> manifest.digest().hex());
    }
}
