package dev.perennial.scorer.http.v2;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which versions the parameters of Triton's load and unload mean. Of a configuration only {@code version_policy} with {@code specific} or
 * {@code all} is taken; whatever else would be lost silently is refused.
 */
public final class WantedVersions {
    private static final String FILE = "file:";
    private static final String CONFIG = "config";
    private static final String POLICY = "version_policy";
    private static final String VERSIONS = "versions";

    private WantedVersions() {}

    /**
     * @param parameters an object, or nothing
     * @return numbers or names; empty for all
     */
    public static List<String> of(JsonNode parameters, boolean load) {
        List<String> versions = new ArrayList<>();
        for (Map.Entry<String, JsonNode> one : parameters.properties()) {
            String name = one.getKey();
            if (name.startsWith(FILE)) {
                throw notOffered(
                        "'" + name + "': files are never taken; deploy a registered version with 'perennial deploy'");
            }
            if (load && name.equals(CONFIG)) {
                versions.addAll(policy(one.getValue()));
            } else if (!load && name.equals(VERSIONS)) {
                versions.addAll(texts(one.getValue()));
            } else if (!name.equals("unload_dependents")) {
                throw PerennialException.invalid(
                        name, "unknown parameter '" + name + "'; " + (load ? CONFIG : VERSIONS) + " is known");
            }
        }
        return versions;
    }

    private static List<String> policy(JsonNode text) {
        JsonNode config = text.isTextual() && !text.asText().isBlank() ? Json.parse(text.asText()) : text;
        if (!config.isObject() && !text.isTextual()) {
            throw PerennialException.invalid(CONFIG, "'config' must be a JSON object as text");
        }
        List<String> versions = new ArrayList<>();
        for (Map.Entry<String, JsonNode> member : config.properties()) {
            if (!member.getKey().equals(POLICY)) {
                throw notOffered(
                        "'" + member.getKey() + "' of a configuration cannot be chosen here; version_policy can");
            }
            for (Map.Entry<String, JsonNode> policy : member.getValue().properties()) {
                switch (policy.getKey()) {
                    case "specific" -> versions.addAll(texts(policy.getValue().path(VERSIONS)));
                    case "all" -> versions.clear();
                    default -> throw notOffered("version policy '" + policy.getKey() + "': use specific or all");
                }
            }
        }
        return versions;
    }

    /** A list, or one text with commas, which is what parameters of gRPC can hold. */
    private static List<String> texts(JsonNode value) {
        List<String> texts = new ArrayList<>();
        if (value.isTextual()) {
            for (String part : value.asText().split(",")) {
                texts.add(part.strip());
            }
        } else {
            value.forEach(item -> texts.add(item.asText()));
        }
        if (texts.isEmpty() || texts.contains("")) {
            throw PerennialException.invalid(VERSIONS, "'versions' must name at least one version");
        }
        return texts;
    }

    private static PerennialException notOffered(String why) {
        return new PerennialException(ErrorCode.NOT_IMPLEMENTED, why, "parameters", null);
    }
}
