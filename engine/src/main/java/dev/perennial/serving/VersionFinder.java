package dev.perennial.serving;

import dev.perennial.governance.ModelProjects;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.registry.ModelName;
import dev.perennial.registry.ModelVersion;
import dev.perennial.registry.RegisteredVersion;
import dev.perennial.registry.RegisteredVersions;
import dev.perennial.registry.Registry;
import dev.perennial.store.BlobStore;
import dev.perennial.tracking.ArtifactManifest;
import dev.perennial.tracking.Artifacts;
import dev.perennial.tracking.models.MlModelFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds a version by what people write, with the files that it was registered with. Thread-safe. */
public final class VersionFinder {
    private static final Pattern BY_NUMBER = Pattern.compile("(?:models:/)?([^/]+)/(\\d{1,9})");
    private static final Pattern BY_ALIAS = Pattern.compile("(?:models:/)?([^/]+)@([^/@]+)");
    private static final long TEXT_BYTES_MAX = 1 << 20;

    private final Registry loop;
    private final RegisteredVersions versions;
    private final Artifacts artifacts;
    private final ModelProjects projects;
    private final BlobStore blobs;
    private final List<String> pythonFolders;

    /** @param pythonFolders where interpreters for Python models are looked for beside the search path */
    public VersionFinder(
            Registry loop,
            RegisteredVersions versions,
            Artifacts artifacts,
            ModelProjects projects,
            BlobStore blobs,
            List<String> pythonFolders) {
        this.loop = loop;
        this.versions = versions;
        this.artifacts = artifacts;
        this.projects = projects;
        this.blobs = blobs;
        this.pythonFolders = List.copyOf(pythonFolders);
    }

    /** @throws PerennialException when there is none, or when it cannot be served */
    Deployable find(String project, String text, Deployment.Plan plan) {
        VersionRef version = version(project, text);
        Optional<Deployable> own = ofLoop(project, version);
        if (own.isPresent()) {
            return own.get();
        }
        RegisteredVersion found = versions.usable(new ModelName(project, version.model()), version.number());
        String manifest = found.standing().manifest();
        if (manifest == null) {
            throw PerennialException.invalid(
                    "version",
                    "the files of version '" + version + "' are not kept by this server, its source is '"
                            + found.origin().source() + "'; register it from a run or a logged model of this server");
        }
        ArtifactManifest files = artifacts.manifest(new Digest(manifest));
        VariantResources resources = VariantResources.told(plan.resources());
        Long memory = resources == null ? null : resources.memoryBytes();
        return Deployable.folder(
                version, files, mlmodel(files), new Deployable.Python(plan.minor(), memory, pythonFolders));
    }

    /**
     * A version that is to score, and how it is made ready for that.
     *
     * @param version as results tell it
     */
    public record Found(VersionRef version, Preparation preparation) {}

    /**
     * Finds a version that is to score without being behind an endpoint.
     *
     * @param minor whether a Python model may run on another patch release of the Python that it names
     * @throws PerennialException when there is none, or when nothing here can run it
     */
    public Found toScore(String project, String text, boolean minor) {
        Deployable found = find(project, text, new Deployment.Plan(0, false, Variant.Load.eager, null, minor, null));
        return new Found(found.version(), Preparation.of(found));
    }

    private VersionRef version(String project, String text) {
        Matcher byNumber = BY_NUMBER.matcher(text);
        if (byNumber.matches()) {
            return new VersionRef(byNumber.group(1), Integer.parseInt(byNumber.group(2)));
        }
        Matcher byAlias = BY_ALIAS.matcher(text);
        if (byAlias.matches()) {
            ModelName model = new ModelName(project, byAlias.group(1));
            return new VersionRef(
                    model.text(), versions.byAlias(model, byAlias.group(2)).number());
        }
        throw malformed(text);
    }

    /** @throws PerennialException when the text names none */
    public static String model(String text) {
        for (Pattern form : List.of(BY_NUMBER, BY_ALIAS)) {
            Matcher matcher = form.matcher(text);
            if (matcher.matches()) {
                return matcher.group(1);
            }
        }
        throw malformed(text);
    }

    private static PerennialException malformed(String text) {
        return PerennialException.invalid(
                "version",
                "version '" + text + "' must look like models:/NAME/3, models:/NAME@ALIAS, NAME/3 or NAME@ALIAS");
    }

    /** A version that a loop made, with the files that it was judged by. */
    private Optional<Deployable> ofLoop(String project, VersionRef version) {
        Optional<VersionId> id = version.ofLoop();
        Optional<ModelVersion> found = id.flatMap(loop::find);
        if (found.isPresent() && !projects.of(found.get().id().model().name()).equals(project)) {
            throw PerennialException.notFound(
                    "no version '" + version + "' in project '" + project + "'; 'perennial models' lists the models");
        }
        return found.map(made -> Deployable.ready(version, made.manifest(), made.file(), runtime(made.manifest())));
    }

    /** What runs a model whose manifest is ours. */
    private VariantResources.Runtime runtime(Digest manifest) {
        try {
            return VariantResources.Runtime.ofFormat(
                    Json.parse(blobs.bytes(manifest)).path("format").asText());
        } catch (PerennialException e) {
            return VariantResources.Runtime.SCORER; // its run will say what is wrong with it
        }
    }

    /** Whether a model is called with columns of rows, and not with tensors; empty when its manifest is not kept here. */
    Optional<Boolean> takesRows(Digest manifest) {
        try {
            return Optional.of(Json.parse(blobs.bytes(manifest)).hasNonNull("signature"));
        } catch (PerennialException e) {
            return Optional.empty(); // its run, or the scorer, will say what is wrong with it
        }
    }

    private Optional<String> mlmodel(ArtifactManifest files) {
        if (files.find(MlModelFile.NAME).isEmpty()) {
            return Optional.empty();
        }
        Path file = artifacts.file(files, MlModelFile.NAME);
        try {
            if (Files.size(file) > TEXT_BYTES_MAX) {
                throw PerennialException.invalid(
                        MlModelFile.NAME,
                        "the file " + MlModelFile.NAME + " has more than " + TEXT_BYTES_MAX + " bytes");
            }
            return Optional.of(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
