package dev.perennial.governance;

import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import java.util.List;
import java.util.regex.Pattern;

/** The one thing that a token is for; with it nothing else can be done, whatever its owner may. */
public sealed interface TokenScope {
    /** Whether the token is for an endpoint at all. */
    boolean covers(String endpoint);

    /**
     * Asking one endpoint for answers, and no more than that.
     *
     * @param name of the endpoint
     */
    record Endpoint(String name) implements TokenScope {
        public Endpoint {
            checked("endpoint", name);
        }

        @Override
        public boolean covers(String endpoint) {
            return name.equals(endpoint);
        }
    }

    /**
     * Running one scorer, which gets the models of its endpoints and delivers what it logged of them.
     *
     * @param id of the scorer
     * @param endpoints that it may serve; their owner must have the right to use them
     */
    record Scorer(String id, List<String> endpoints) implements TokenScope {
        private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
        private static final int ENDPOINTS_MAX = 1_000;
        /** Of the installation's own scorers. */
        private static final String OWN = "local-";

        public Scorer {
            endpoints = List.copyOf(endpoints);
            if (!ID.matcher(id).matches() || id.startsWith(OWN)) {
                throw PerennialException.invalid(
                        "scorer",
                        "the name of a scorer has 1 to 63 letters, digits, '.', '_' and '-', begins with a letter or digit and"
                                + " not with '" + OWN + "', got '" + id + "'");
            }
            if (endpoints.isEmpty() || endpoints.size() > ENDPOINTS_MAX) {
                throw PerennialException.invalid(
                        "endpoints", "a scorer's token names 1 to " + ENDPOINTS_MAX + " endpoints");
            }
            endpoints.forEach(endpoint -> checked("endpoints", endpoint));
        }

        @Override
        public boolean covers(String endpoint) {
            return endpoints.contains(endpoint);
        }
    }

    private static void checked(String field, String endpoint) {
        try {
            ModelId.parse(endpoint);
        } catch (PerennialException e) {
            throw new PerennialException(e.code(), "'" + endpoint + "' is no endpoint: " + e.getMessage(), field, e);
        }
    }
}
