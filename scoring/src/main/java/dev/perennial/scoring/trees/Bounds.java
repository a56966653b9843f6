package dev.perennial.scoring.trees;

/** How large a model may be. What a file says of its own sizes is believed only as far as its bytes go. */
final class Bounds {
    static final int TREES_MAX = 100_000;
    static final int NODES_MAX = 10_000_000;
    static final int DEPTH_MAX = 512;
    static final int CLASSES_MAX = 1_000;
    /** Category codes in all sets of a model, and words of sets that are kept as bits. */
    static final int CATEGORIES_MAX = 20_000_000;
    /** Features, as many as a signature may have columns. */
    static final int FEATURES_MAX = 10_000;
    /** Texts of categories in a model file, all features together. */
    static final int TEXTS_MAX = 1_000_000;
    /** Bytes of one text that is kept, and of LightGBM's line of categories. */
    static final int TEXT_BYTES_MAX = 8 << 20;
    /** XGBoost keeps codes as floats, which are exact up to here. */
    static final int CODE_MAX = 1 << 24;
    /** Objects in arrays in objects: a model needs eight. */
    static final int NESTING_MAX = 64;

    private Bounds() {}
}
