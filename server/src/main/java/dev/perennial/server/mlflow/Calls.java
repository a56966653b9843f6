package dev.perennial.server.mlflow;

import dev.perennial.kernel.PerennialException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The remote calls by method, version and path. A path may have variables in braces; plain paths win over them, and the last variable
 * takes all that is left, because clients put keys with slashes there. Filled once, then only read.
 */
final class Calls {
    private final Map<String, Route> plain = new HashMap<>();
    private final List<Route> variable = new ArrayList<>();

    /** A call with the right that it needs. */
    record Route(String method, String version, List<String> path, Need need, Call.Way way) {
        Route {
            path = List.copyOf(path);
        }

        boolean takes(String method, String version, List<String> asked) {
            if (!this.method.equals(method) || !this.version.equals(version) || asked.size() < path.size()) {
                return false;
            }
            boolean open = isVariable(path.getLast());
            if (asked.size() > path.size() && !open) {
                return false;
            }
            for (int i = 0; i < path.size(); i++) {
                if (!isVariable(path.get(i)) && !path.get(i).equals(asked.get(i))) {
                    return false;
                }
            }
            return true;
        }

        Map<String, String> variables(List<String> asked) {
            Map<String, String> values = new LinkedHashMap<>();
            for (int i = 0; i < path.size(); i++) {
                if (isVariable(path.get(i))) {
                    int to = i == path.size() - 1 ? asked.size() : i + 1;
                    String name = path.get(i).substring(1, path.get(i).length() - 1);
                    values.put(name, decoded(String.join("/", asked.subList(i, to))));
                }
            }
            return values;
        }
    }

    /** A route that takes a request, with what the request's path says. */
    record Found(Route route, Map<String, String> variables) {
        Found {
            variables = Map.copyOf(variables);
        }
    }

    /**
     * Adds a call.
     *
     * @param route method, version and path below {@code mlflow/}, for instance {@code "GET 2.0 logged-models/{model_id}"}
     */
    void on(String route, Need need, Call call) {
        add(route, need, new Call.Way.Node(call));
    }

    /** Adds a call that takes or sends files. */
    void raw(String route, Need need, Call.Raw raw) {
        add(route, need, new Call.Way.Files(raw));
    }

    /** Adds a call whose answer may be long. */
    void text(String route, Need need, Call.Text text) {
        add(route, need, new Call.Way.Written(text));
    }

    /** Adds a call that writes to a run and is tried by a quick reader first. */
    void first(String route, Need need, Call.Quick quick, Call otherwise) {
        add(route, need, new Call.Way.First(quick, otherwise));
    }

    private void add(String route, Need need, Call.Way way) {
        String[] parts = route.split(" ", 3);
        Route added = new Route(parts[0], parts[1], List.of(parts[2].split("/")), need, way);
        if (added.path().stream().anyMatch(Calls::isVariable)) {
            variable.add(added);
        } else if (plain.put(route, added) != null) {
            throw new IllegalStateException("two calls for " + route);
        }
    }

    /**
     * The call of a request.
     *
     * @param path as it was sent, below {@code mlflow/}
     */
    Optional<Found> find(String method, String version, String path) {
        Route exact = plain.get(method + " " + version + " " + path);
        if (exact != null) {
            return Optional.of(new Found(exact, Map.of()));
        }
        List<String> asked = List.of(path.split("/", -1));
        return variable.stream()
                .filter(route -> route.takes(method, version, asked))
                .findFirst()
                .map(route -> new Found(route, route.variables(asked)));
    }

    /** All routes, for the table of rights. */
    List<Route> all() {
        List<Route> all = new ArrayList<>(plain.values());
        all.addAll(variable);
        return all;
    }

    private static boolean isVariable(String segment) {
        return segment.startsWith("{");
    }

    private static String decoded(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw PerennialException.invalid("path", "the path is not valid percent-encoding: '" + segment + "'");
        }
    }
}
