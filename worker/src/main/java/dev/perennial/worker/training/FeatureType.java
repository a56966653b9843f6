package dev.perennial.worker.training;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A feature's name and kind as parameters and manifests write it. */
record FeatureType(String name, Kind type) {
    enum Kind {
        @JsonProperty("category")
        CATEGORY,
        @JsonProperty("number")
        NUMBER;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    boolean category() {
        return type == Kind.CATEGORY;
    }
}
