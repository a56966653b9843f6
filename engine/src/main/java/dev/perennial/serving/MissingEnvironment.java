package dev.perennial.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.List;

/**
 * A version that a scorer does not serve, since its environment is not on the scorer's machine.
 *
 * @param state BUILDING or FAILED
 * @param message why it could not be made; empty while it is being made
 */
public record MissingEnvironment(String endpoint, String version, String state, String message) {
    private static final int NAME_MAX = 300;
    private static final int MESSAGE_MAX = 5_000;
    private static final int LIST_MAX = 1_000;

    /**
     * What a scorer says.
     *
     * @param list as it came; a scorer of an older release says nothing
     * @throws PerennialException when it makes no sense
     */
    public static List<MissingEnvironment> parse(JsonNode list) {
        List<MissingEnvironment> all = new ArrayList<>();
        for (JsonNode one : list) {
            MissingEnvironment missing = new MissingEnvironment(
                    one.path("endpoint").asText(),
                    one.path("version").asText(),
                    one.path("state").asText(),
                    one.path("message").asText());
            boolean known = missing.state.equals("BUILDING") || missing.state.equals("FAILED");
            boolean small = missing.endpoint.length() <= NAME_MAX
                    && missing.version.length() <= NAME_MAX
                    && missing.message.length() <= MESSAGE_MAX;
            if (!known || !small || all.size() == LIST_MAX) {
                throw PerennialException.invalid(
                        "environments",
                        "'environments' has at most " + LIST_MAX + " entries: endpoint, version, state BUILDING or"
                                + " FAILED, and a message");
            }
            all.add(missing);
        }
        return all;
    }
}
