package dev.perennial.scoring;

import java.util.List;

/** An XGBoost model of trees, evaluated here: thread-safe, no native code, equal to the library's predictor to the last float digits. */
final class TreeModel implements TabularModel {
    private final Signature signature;
    private final CategoryCodes codes;
    private final Forest forest;
    private final boolean logistic;
    private final float baseMargin;
    private final ThreadLocal<Forest.Scratch> scratch;

    private TreeModel(Signature signature, CategoryCodes codes, Forest forest, boolean logistic, float baseMargin) {
        this.signature = signature;
        this.codes = codes;
        this.forest = forest;
        this.logistic = logistic;
        this.baseMargin = baseMargin;
        this.scratch = ThreadLocal.withInitial(forest::scratch);
    }

    static TreeModel load(ModelManifest manifest, byte[] file) {
        Signature signature = manifest.signature();
        XgboostJson json = XgboostJson.parse(file);
        if (json.features() != signature.size()) {
            throw XgboostJson.refused("it has " + json.features() + " features, the manifest's signature "
                    + signature.size() + " columns");
        }
        List<String> names = signature.columns().stream().map(Column::name).toList();
        if (!json.featureNames().isEmpty() && !json.featureNames().equals(names)) {
            throw XgboostJson.refused(
                    "its features are " + json.featureNames() + ", the manifest's signature says " + names);
        }
        CategoryCodes codes = new CategoryCodes(signature, manifest.categories());
        int[] known = new int[signature.size()];
        for (int i = 0; i < known.length; i++) {
            known[i] = codes.known(i);
        }
        return new TreeModel(
                signature,
                codes,
                new Forest(json.trees(), signature.size(), known),
                json.logistic(),
                json.baseMargin());
    }

    @Override
    public Signature signature() {
        return signature;
    }

    @Override
    public double score(Row row) {
        Forest.Scratch own = scratch.get();
        codes.encode(row, own.encoded);
        float sum = forest.sum(own, baseMargin);
        return logistic ? (float) (1.0 / (1.0 + Math.exp(-sum))) : sum;
    }

    @Override
    public boolean foreign() {
        return false;
    }

    @Override
    public void close() {
        // nothing native; the garbage collector takes the arrays
    }
}
