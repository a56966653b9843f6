package dev.perennial.serving;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.StepSpec;
import dev.perennial.tracking.ArtifactManifest;
import dev.perennial.tracking.models.MlModelFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a version is made of, and the pipeline that makes it servable.
 *
 * @param spec its runs make the files that are missing, and look at them
 * @param manifest null: the pipeline makes it
 * @param file the model file, or of a Python model its file {@code MLmodel}
 * @param runtime what will run it
 */
record Deployable(
        VersionRef version,
        PipelineSpec spec,
        @Nullable Digest manifest,
        Digest file,
        VariantResources.Runtime runtime) {
    static final String PIPELINE = "deploy";
    static final String BUNDLE = "bundle";
    static final String ENVIRONMENT = "environment";
    static final String ADMIT = "admit";
    static final String MANIFEST = "manifest";

    /** The manifest of this platform's own formats. */
    private static final String OWN_MANIFEST = "model.perennial.json";

    private static final List<String> OWN_FILES =
            List.of("model.json", "model.ubj", "model.onnx", "model.txt", "model.identity");
    private static final String REQUIREMENTS = "requirements.txt";
    private static final List<String> EXAMPLES = List.of("serving_input_example.json", "input_example.json");
    private static final String SERVED = "xgboost, lightgbm, onnx, python_function and this platform's own formats";

    /** A version whose manifest and model file are known. */
    static Deployable ready(VersionRef version, Digest manifest, Digest file, VariantResources.Runtime runtime) {
        StepSpec admit = StepSpec.worker(ADMIT, "admit")
                .reading(MANIFEST, Json.tree(manifest.hex()))
                .reading("model", Json.tree(file.hex()));
        return new Deployable(version, PipelineSpec.of(PIPELINE, admit), manifest, file, runtime);
    }

    /**
     * A folder with a file {@code MLmodel}, or with a manifest of ours.
     *
     * @param text of the file {@code MLmodel}; empty when there is none
     * @throws PerennialException naming what the folder lacks, or its flavors when none can be served
     */
    static Deployable folder(VersionRef version, ArtifactManifest files, Optional<String> text, Python python) {
        Optional<ArtifactManifest.Entry> own = files.find(OWN_MANIFEST);
        if (own.isPresent()) {
            ArtifactManifest.Entry model = OWN_FILES.stream()
                    .flatMap(name -> files.find(name).stream())
                    .findFirst()
                    .orElseThrow(() ->
                            refused(version, "has " + OWN_MANIFEST + " and none of " + String.join(", ", OWN_FILES)));
            String ending = model.path().substring(model.path().lastIndexOf('.') + 1);
            return ready(version, own.get().digest(), model.digest(), VariantResources.Runtime.ofFormat(ending));
        }
        String mlmodel = text.orElseThrow(
                () -> refused(version, "has no file MLmodel; log it with one of MLflow's log_model calls"));
        return logged(version, files, MlModelFile.parse(mlmodel), MlModelFile.signatureTexts(mlmodel), python);
    }

    /**
     * How Python models are prepared.
     *
     * @param minor whether another patch release of the named Python will do
     * @param memoryBytes what its process may take; null: the default
     * @param folders where interpreters are looked for beside the search path
     */
    record Python(boolean minor, @Nullable Long memoryBytes, List<String> folders) {
        Python {
            folders = List.copyOf(folders);
        }
    }

    private static Deployable logged(
            VersionRef version,
            ArtifactManifest files,
            MlModelFile described,
            Map<String, String> signature,
            Python python) {
        ObjectNode parameters = Json.object();
        parameters.set("signature", Json.tree(signature));
        Map<String, Map<String, String>> flavors = described.flavors();
        Optional<Native> found = Native.of(flavors);
        if (found.isPresent()) {
            ArtifactManifest.Entry model = files.find(found.get().path())
                    .orElseThrow(() -> refused(
                            version,
                            "has no file '" + found.get().path() + "', which its flavor "
                                    + found.get().flavor() + " names"));
            parameters.put("flavor", found.get().flavor());
            StepSpec bundle = bundle(parameters, files, model.digest(), described);
            return new Deployable(
                    version,
                    PipelineSpec.of(PIPELINE, bundle, admit(model.digest())),
                    null,
                    model.digest(),
                    VariantResources.Runtime.ofFormat(found.get().flavor()));
        }
        Map<String, String> function = flavors.get("python_function");
        if (function == null) {
            throw refused(version, "has the flavors " + flavors.keySet() + "; scorers serve " + SERVED);
        }
        return python(version, files, described, function, parameters, python);
    }

    private static Deployable python(
            VersionRef version,
            ArtifactManifest files,
            MlModelFile described,
            Map<String, String> function,
            ObjectNode parameters,
            Python python) {
        Digest mlmodel = files.find(MlModelFile.NAME).orElseThrow().digest();
        ArtifactManifest.Entry requirements = files.find(REQUIREMENTS)
                .orElseThrow(() -> refused(
                        version,
                        "has no " + REQUIREMENTS + ", which its Python environment is built from; log it with"
                                + " pip_requirements"));
        parameters.put("flavor", "python_function");
        parameters.put("pythonVersion", function.get("python_version"));
        parameters.put("minor", python.minor());
        ArrayNode folder = parameters.putArray("files");
        for (ArtifactManifest.Entry file : files.files()) {
            folder.addObject()
                    .put("path", file.path())
                    .put("digest", file.digest().hex())
                    .put("bytes", file.size());
        }
        StepSpec bundle = bundle(parameters, files, mlmodel, described)
                .reading("requirements", Json.tree(requirements.digest().hex()));
        ObjectNode built = Json.object().put("minor", python.minor());
        built.set("python", StepSpec.value(BUNDLE, "python"));
        built.set("requirements", StepSpec.value(BUNDLE, "requirements"));
        built.set("pythonDirs", Json.tree(python.folders()));
        StepSpec environment = StepSpec.worker(ENVIRONMENT, "environment").with(built);
        ObjectNode where = Json.object();
        where.set("environment", StepSpec.value(ENVIRONMENT, "environment"));
        if (python.memoryBytes() != null) {
            where.put("memoryBytes", python.memoryBytes());
        }
        return new Deployable(
                version,
                PipelineSpec.of(PIPELINE, bundle, environment, admit(mlmodel).with(where)),
                null,
                mlmodel,
                VariantResources.Runtime.PYTHON);
    }

    private static StepSpec bundle(ObjectNode parameters, ArtifactManifest files, Digest model, MlModelFile described) {
        StepSpec step = StepSpec.worker(BUNDLE, "bundle").reading("model", Json.tree(model.hex()));
        List<String> examples = new ArrayList<>(EXAMPLES);
        described.example().ifPresent(examples::add);
        Optional<ArtifactManifest.Entry> example =
                examples.stream().flatMap(name -> files.find(name).stream()).findFirst();
        if (example.isPresent()) {
            step = step.reading("example", Json.tree(example.get().digest().hex()));
        }
        return step.with(parameters);
    }

    private static StepSpec admit(Digest model) {
        return StepSpec.worker(ADMIT, "admit")
                .reading(MANIFEST, StepSpec.file(BUNDLE, MANIFEST))
                .reading("model", Json.tree(model.hex()));
    }

    private static PerennialException refused(VersionRef version, String why) {
        return PerennialException.invalid("version", "version '" + version + "' cannot be served: it " + why);
    }

    /**
     * A flavor that scorers serve without Python.
     *
     * @param path of its model file
     */
    private record Native(String flavor, String path) {
        static Optional<Native> of(Map<String, Map<String, String>> flavors) {
            for (String flavor : List.of("xgboost", "lightgbm", "onnx")) {
                Map<String, String> settings = flavors.get(flavor);
                String path = settings == null ? null : settings.get("data");
                if (path != null && !pickled(path)) {
                    return Optional.of(new Native(flavor, path));
                }
            }
            return Optional.empty();
        }

        /** The library's own classes for scikit-learn are pickled, which Python alone reads. */
        private static boolean pickled(String path) {
            String lower = path.toLowerCase(Locale.ROOT);
            return lower.endsWith(".pkl") || lower.endsWith(".pickle") || lower.endsWith(".cloudpickle");
        }
    }
}
