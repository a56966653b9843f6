package dev.perennial.scoring.trees;

import dev.perennial.scoring.Column;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelManifest;
import java.util.List;
import java.util.Set;

/** The file formats of trees: {@code xgboost-json}, {@code xgboost-ubj} and {@code lightgbm-text}. */
public final class TreeFormats {
    private static final Set<String> FORMATS =
            Set.of(ModelManifest.XGBOOST_JSON, ModelManifest.XGBOOST_UBJ, ModelManifest.LIGHTGBM_TEXT);

    private TreeFormats() {}

    public static boolean reads(String format) {
        return FORMATS.contains(format);
    }

    /**
     * Reads a model. One sum for each row becomes a {@link dev.perennial.scoring.TabularModel}; several classes a model of tensors that
     * takes rows of columns.
     *
     * @throws dev.perennial.kernel.PerennialException saying what is wrong or not supported; nothing else, whatever the file holds
     */
    public static Model load(ModelManifest manifest, byte[] file) {
        Ensemble model = switch (manifest.format()) {
            case ModelManifest.XGBOOST_JSON -> XgboostReader.json(file);
            case ModelManifest.XGBOOST_UBJ -> XgboostReader.ubj(file);
            case ModelManifest.LIGHTGBM_TEXT -> LightgbmReader.read(file);
            default -> throw new IllegalArgumentException(manifest.format());
        };
        ModelManifest complete = checked(manifest, model);
        Evaluator evaluator = new Evaluator(complete, model);
        return model.classes() > 1 ? new ClassModel(evaluator, model.label()) : new ScoreModel(evaluator);
    }

    private static ModelManifest checked(ModelManifest manifest, Ensemble model) {
        List<String> names =
                manifest.signature().columns().stream().map(Column::name).toList();
        if (model.features() != names.size()) {
            throw model.refusal()
                    .of("it has " + model.features() + " features, the manifest's signature " + names.size()
                            + " columns");
        }
        if (!model.names().isEmpty() && !model.names().equals(model.spelt(names))) {
            throw model.refusal().of("its features are " + model.names() + ", the manifest's signature says " + names);
        }
        return FileCategories.complete(manifest, model);
    }
}
