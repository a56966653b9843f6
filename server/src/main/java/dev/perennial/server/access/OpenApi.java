package dev.perennial.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PageRequest;
import dev.perennial.server.Keys;
import dev.perennial.server.Version;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Describes the product's own routes as OpenAPI 3.1. Paths, parameters, keys of bodies and rights are read from the declarations that the
 * server itself goes by; the file {@code openapi-types.json} adds the types, and a key or an answer that it does not know fails a test.
 * Costs nothing until somebody asks.
 */
final class OpenApi {
    private static final String TYPES = "/openapi-types.json";
    private static final String REF = "$ref";
    private static final String SCHEMA = "schema";
    private static final String CONTENT = "content";
    private static final Pattern VARIABLE = Pattern.compile("\\{([^}:]+)}");
    private static final String REQUIRED = "required";

    private final JsonNode types;

    private OpenApi(JsonNode types) {
        this.types = types;
    }

    static ObjectNode of(List<Class<?>> resources) {
        try (InputStream in = Objects.requireNonNull(OpenApi.class.getResourceAsStream(TYPES), TYPES)) {
            return new OpenApi(Json.parse(in.readAllBytes())).document(resources);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + TYPES + " of the program", e);
        }
    }

    /** A method that answers requests, with what it declares. */
    private record Operation(DeclaredRoute route, Class<?> resource, Method method, Map<String, String> patterns) {
        String name() {
            return route.method() + " " + route.path();
        }
    }

    private ObjectNode document(List<Class<?>> resources) {
        ObjectNode document = Json.object().put("openapi", "3.1.0");
        ObjectNode info = types.path("info").deepCopy();
        document.set("info", info.put("version", Version.TEXT));
        ObjectNode paths = document.putObject("paths");
        Map<String, List<Operation>> byPath = new TreeMap<>();
        for (Class<?> resource : resources) {
            DeclaredNeeds.routes(resource).stream()
                    .filter(method -> !DeclaredNeeds.internal(method))
                    .map(method -> new Operation(
                            DeclaredNeeds.declared(resource, method),
                            resource,
                            method,
                            DeclaredNeeds.patterns(resource, method)))
                    .forEach(operation -> byPath.computeIfAbsent(
                                    operation.route().path(), path -> new java.util.ArrayList<>())
                            .add(operation));
        }
        byPath.forEach((path, operations) -> {
            ObjectNode item = paths.putObject(path);
            operations.stream()
                    .sorted(Comparator.comparing(operation -> operation.route().method()))
                    .forEach(operation ->
                            item.set(operation.route().method().toLowerCase(Locale.ROOT), operation(operation)));
        });
        ObjectNode components = document.putObject("components");
        components.set("schemas", types.path("schemas"));
        components.set("securitySchemes", schemes());
        ArrayNode security = document.putArray("security");
        components
                .path("securitySchemes")
                .fieldNames()
                .forEachRemaining(name -> security.addObject().putArray(name));
        return document;
    }

    private static ObjectNode schemes() {
        ObjectNode schemes = Json.object();
        schemes.putObject("bearer").put("type", "http").put("scheme", "bearer");
        schemes.putObject("basic").put("type", "http").put("scheme", "basic");
        schemes.putObject("session").put("type", "apiKey").put("in", "cookie").put("name", SessionCookie.SECURE);
        return schemes;
    }

    private ObjectNode operation(Operation operation) {
        DeclaredRoute route = operation.route();
        ObjectNode shown = Json.object()
                .put(
                        "operationId",
                        operation.resource().getSimpleName() + "."
                                + operation.method().getName())
                .put("x-perennial-right", route.right().name())
                .put("x-perennial-on", route.on());
        if (route.on().equals(Needs.On.OPEN.name())) {
            shown.putArray("security");
        }
        ArrayNode parameters = Json.array();
        for (Parameter parameter : operation.method().getParameters()) {
            parameter(operation, parameter, parameters);
            if (parameter.getType() == JsonNode.class) {
                shown.set("requestBody", body(operation, parameter.getAnnotation(Keys.class)));
            }
        }
        Matcher variables = VARIABLE.matcher(route.path());
        while (variables.find()) {
            String name = variables.group(1);
            if (parameters.findValuesAsText("name").stream().noneMatch(name::equals)) {
                variable(operation, name, String.class, parameters); // one that stands in the path for people to read
            }
        }
        if (!parameters.isEmpty()) {
            shown.set("parameters", parameters);
        }
        shown.set("responses", answers(operation));
        return shown;
    }

    private void parameter(Operation operation, Parameter parameter, ArrayNode all) {
        PathParam path = parameter.getAnnotation(PathParam.class);
        QueryParam query = parameter.getAnnotation(QueryParam.class);
        if (path != null) {
            variable(operation, path.value(), parameter.getType(), all);
        } else if (query != null) {
            ObjectNode schema = schema(parameter.getType());
            if (query.value().equals("limit")) {
                schema.put("minimum", 1).put("maximum", PageRequest.LIMIT_MAX);
            }
            DefaultValue value = parameter.getAnnotation(DefaultValue.class);
            if (value != null) {
                schema.set("default", Json.parse(value.value()));
            }
            all.addObject().put("name", query.value()).put("in", "query").set(SCHEMA, schema);
        }
    }

    private void variable(Operation operation, String name, Class<?> type, ArrayNode all) {
        JsonNode described = types.path("variables").path(name);
        ObjectNode schema = described.isObject() ? described.deepCopy() : schema(type);
        String pattern = operation.patterns().get(name);
        if (pattern != null) {
            Arrays.stream(pattern.split("\\|")).map(String::strip).forEach(schema.putArray("enum")::add);
        }
        all.addObject().put("name", name).put("in", "path").put(REQUIRED, true).set(SCHEMA, schema);
    }

    private static ObjectNode schema(Class<?> type) {
        ObjectNode schema = Json.object();
        if (type == int.class || type == Integer.class) {
            return schema.put("type", "integer").put("format", "int32");
        }
        if (type == long.class || type == Long.class) {
            return schema.put("type", "integer").put("format", "int64");
        }
        if (type == String.class) {
            return schema.put("type", "string");
        }
        throw new IllegalStateException("a parameter of " + type + " has no type in the description of the API");
    }

    private ObjectNode body(Operation operation, @Nullable Keys keys) {
        ObjectNode body = Json.object().put(REQUIRED, true);
        JsonNode schema = keys == null
                ? known(types.path("bodies").path(operation.name()), "the body of " + operation.name())
                : keyed(operation, keys);
        body.putObject(CONTENT).putObject(MediaType.APPLICATION_JSON).set(SCHEMA, schema);
        return body;
    }

    private ObjectNode keyed(Operation operation, Keys keys) {
        ObjectNode schema = Json.object().put("type", "object").put("additionalProperties", false);
        ObjectNode properties = schema.putObject("properties");
        for (String key : keys.value()) {
            properties.set(key, known(types.path("keys").path(key), "key '" + key + "' of " + operation.name()));
        }
        JsonNode required = types.path(REQUIRED).path(operation.name());
        if (required.isArray()) {
            schema.set(REQUIRED, required);
            required.forEach(key -> properties.set(
                    key.asText(),
                    given(known(properties.path(key.asText()), "required key " + key + " of " + operation.name()))));
        }
        return schema;
    }

    /** The same type without null. */
    private static JsonNode given(JsonNode type) {
        if (!type.path("type").isArray()) {
            return type;
        }
        ObjectNode given = type.deepCopy();
        for (JsonNode name : type.path("type")) {
            if (!name.asText().equals("null")) {
                given.set("type", name);
            }
        }
        if (type.path("enum").isArray()) {
            ArrayNode values = given.putArray("enum");
            type.path("enum").forEach(value -> {
                if (value.isTextual() && !value.asText().isEmpty()) {
                    values.add(value);
                }
            });
        }
        return given;
    }

    private static JsonNode known(JsonNode type, String what) {
        if (type.isMissingNode()) {
            throw new IllegalStateException(what + " has no type in openapi-types.json");
        }
        return type;
    }

    private ObjectNode answers(Operation operation) {
        ObjectNode answers = Json.object();
        JsonNode nothing = types.path("nothing").path(operation.name());
        if (nothing.isTextual()) {
            empty(answers, nothing);
        } else {
            full(operation, answers);
        }
        answers.putObject("default").put("description", "Refused or failed.").set(CONTENT, content("Error"));
        return answers;
    }

    private static void empty(ObjectNode answers, JsonNode why) {
        answers.putObject("204").put("description", why.asText());
    }

    private void full(Operation operation, ObjectNode answers) {
        ObjectNode done = answers.putObject("200").put("description", "Done.");
        Produces produces = operation.method().getAnnotation(Produces.class);
        if (produces == null) {
            done.set(
                    CONTENT,
                    content(types.path("answers").path(operation.name()).asText("Object")));
        } else {
            JsonNode media = known(types.path("media").path(operation.name()), "the answer of " + operation.name());
            done.putObject(CONTENT).putObject(media.asText());
        }
        types.path("later").forEach(later -> {
            if (later.asText().equals(operation.name())) {
                answers.putObject("202")
                        .put("description", "Not yet; ask again.")
                        .set(CONTENT, content("Object"));
            }
        });
        JsonNode unchanged = types.path("unchanged").path(operation.name());
        if (unchanged.isTextual()) {
            empty(answers, unchanged);
        }
    }

    private static ObjectNode content(String schema) {
        ObjectNode content = Json.object();
        content.putObject(MediaType.APPLICATION_JSON).putObject(SCHEMA).put(REF, "#/components/schemas/" + schema);
        return content;
    }
}
