package dev.perennial.governance;

import java.util.Locale;

/**
 * What a right is on.
 *
 * @param project that it belongs to
 * @param key of an experiment its id, of a model or an endpoint its name, of a project nothing more
 */
public record Thing(Kind kind, String project, String key) {
    /** The kinds that have rights of their own. */
    public enum Kind {
        PROJECT,
        EXPERIMENT,
        MODEL,
        /** An endpoint without a lifecycle file; others are their model. */
        ENDPOINT;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static Thing project(String project) {
        return new Thing(Kind.PROJECT, project, "");
    }

    public static Thing experiment(String project, long id) {
        return new Thing(Kind.EXPERIMENT, project, Long.toString(id));
    }

    public static Thing model(String project, String name) {
        return new Thing(Kind.MODEL, project, name);
    }

    /** Names of endpoints are unique in the installation. */
    public static Thing endpoint(String project, String name) {
        return new Thing(Kind.ENDPOINT, project, name);
    }

    /** How a grant names it. Ids of experiments are unique everywhere, names of models in their project. */
    String object() {
        return kind == Kind.MODEL ? project + "/" + key : key;
    }
}
