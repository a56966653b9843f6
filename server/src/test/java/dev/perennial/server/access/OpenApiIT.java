package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The description of the product's own API against the server that it describes. */
class OpenApiIT extends AccessFixture {
    private static final Path DOCS =
            Path.of(System.getProperty("perennial.root")).resolve("docs");
    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "PATCH", "DELETE");

    private static String text = "";
    private static JsonNode document = Json.object();

    @BeforeAll
    static void read() throws IOException, InterruptedException {
        text = As.root().send("GET", "/api/openapi.json", "").body();
        document = Json.parse(text);
    }

    private record Operation(String path, String method, JsonNode declared) {
        String name() {
            return method + " " + path;
        }

        String example() {
            return path.replace("{number}", "1").replace("{act}", "pause").replaceAll("\\{\\w+}", "x");
        }

        /** A path with a variable takes in others: "/members/{user}" is reached as "/members/remove", too. */
        boolean takes(String as, String there) {
            return method.equals(as) && there.matches(path.replaceAll("\\{\\w+}", "[^/]+"));
        }

        HttpResponse<String> send(String as) throws IOException, InterruptedException {
            return As.root().send(as, example(), as.equals("GET") ? "" : "{}");
        }
    }

    private static List<Operation> operations() {
        List<Operation> all = new ArrayList<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(method -> all.add(new Operation(
                                path.getKey(), method.getKey().toUpperCase(Locale.ROOT), method.getValue()))));
        return all;
    }

    private static Set<String> names() {
        Set<String> names = new TreeSet<>();
        operations().forEach(operation -> names.add(operation.name()));
        return names;
    }

    @Test
    void everyOwnRouteIsDescribedAndNoOther() throws IOException {
        Set<String> told = new TreeSet<>();
        for (String line : Files.readAllLines(DOCS.resolve("access.md"))) {
            String[] cells = line.replaceAll("^\\| *| *\\|$", "").split(" *\\| *");
            if (line.matches("\\| [A-Z]+ \\| `/api/(?![23]\\.0/).*")) {
                told.add(cells[0] + " " + cells[1].replace("`", "") + " " + cells[2] + " " + cells[3]);
            }
        }
        Set<String> described = new TreeSet<>();
        operations()
                .forEach(operation -> described.add(operation.name() + " "
                        + operation.declared().path("x-perennial-right").asText() + " "
                        + operation.declared().path("x-perennial-on").asText()));
        assertThat(described).isEqualTo(told).hasSizeGreaterThan(60);
    }

    @Test
    void whatIsDescribedIsServed() throws IOException, InterruptedException {
        for (Operation operation : operations()) {
            HttpResponse<String> answer = operation.send(operation.method());
            assertThat(answer.statusCode())
                    .as(operation.name())
                    .isNotEqualTo(405)
                    .isLessThan(500);
            assertThat(answer.body()).as(operation.name()).doesNotContain("there is no such route");
        }
    }

    @Test
    void whatIsNotDescribedIsNotServed() throws IOException, InterruptedException {
        List<Operation> all = operations();
        for (Operation operation : all) {
            for (String method : METHODS) {
                if (all.stream().noneMatch(other -> other.takes(method, operation.example()))) {
                    HttpResponse<String> answer = operation.send(method);
                    assertThat(answer.statusCode())
                            .as(method + " " + operation.path() + ": " + answer.body())
                            .isIn(404, 405);
                }
            }
        }
    }

    @Test
    void aMethodThatARouteDoesNotHaveIsRefusedWithThoseThatItHas() throws IOException, InterruptedException {
        HttpResponse<String> refused = As.root().send("DELETE", "/api/access/projects/x/members", "");
        assertThat(refused.statusCode()).isEqualTo(405);
        assertThat(refused.headers().firstValue("Allow")).hasValue("GET, POST");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
                    {"mode":0}                 | mode       | 'mode' is 0; it must be one of strict, mlflow
                    {"mode":"loose"}           | mode       | 'mode' is "loose"; it must be one of strict, mlflow
                    {"log":{"inputs":2}}       | log.inputs | 'log.inputs' is 2; it must be one of all, outputs, none
                    {"log":{"inputs":"some"}}  | log.inputs | 'log.inputs' is "some"; it must be one of all, outputs, none
                    """)
    void aWordThatIsNotKnownIsToldWithThoseThatAre(String settings, String field, String message)
            throws IOException, InterruptedException {
        ObjectNode body = Json.object().put("name", fresh("words")).put("reason", "a test");
        body.setAll((ObjectNode) Json.parse(settings));
        HttpResponse<String> refused = As.root().send("POST", "/api/endpoints", body.toString());
        assertThat(refused.statusCode()).isEqualTo(400);
        JsonNode error = Json.parse(refused.body()).path("error");
        assertThat(error.path("field").asText()).isEqualTo(field);
        assertThat(error.path("message").asText()).isEqualTo(message);
    }

    @Test
    void anAnswerWithoutABodyIsDescribedAsSuch() {
        assertThat(document.at("/paths/~1api~1scorers~1{id}~1flushed/post/responses")
                        .fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("204", "default");
        assertThat(document.at("/paths/~1api~1scorers~1{id}~1config/get/responses")
                        .fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("200", "204", "default");
    }

    @Test
    void everyReferenceLeadsToASchemaAndEverySchemaIsUsed() {
        Set<String> named = new TreeSet<>(document.findValuesAsText("$ref"));
        Set<String> there = new TreeSet<>();
        document.at("/components/schemas")
                .fieldNames()
                .forEachRemaining(name -> there.add("#/components/schemas/" + name));
        assertThat(named).isEqualTo(there);
    }

    @Test
    void everyOperationHasANameOfItsOwnAndSaysHowItFails() {
        Set<String> ids = new HashSet<>();
        for (Operation operation : operations()) {
            assertThat(ids.add(operation.declared().path("operationId").asText()))
                    .as(operation.name())
                    .isTrue();
            assertThat(operation
                            .declared()
                            .at("/responses/default/content/application~1json/schema/$ref")
                            .asText())
                    .isEqualTo("#/components/schemas/Error");
        }
    }

    @Test
    void onlySigningInIsOpen() {
        assertThat(operations().stream()
                        .filter(operation -> operation.declared().has("security"))
                        .map(Operation::name))
                .containsExactlyInAnyOrder("POST /api/access/session", "POST /api/access/set-up");
    }

    @Test
    void whatTheTypesNameIsDeclared() throws IOException {
        JsonNode types;
        try (InputStream in = Objects.requireNonNull(OpenApi.class.getResourceAsStream("/openapi-types.json"))) {
            types = Json.parse(in.readAllBytes());
        }
        Set<String> names = names();
        for (String part : List.of("required", "answers", "bodies", "media", "nothing", "unchanged")) {
            types.path(part)
                    .fieldNames()
                    .forEachRemaining(name -> assertThat(names).as(part).contains(name));
        }
        Set<String> keys = new HashSet<>();
        document.path("paths")
                .findValues("properties")
                .forEach(node -> node.fieldNames().forEachRemaining(keys::add));
        types.path("keys").fieldNames().forEachRemaining(key -> assertThat(keys).contains(key));
    }

    @Test
    void theOneInDocsIsTheServersOwn() throws IOException {
        assertThat(Files.readString(DOCS.resolve("openapi.json")))
                .as("write the answer of GET /api/openapi.json to docs/openapi.json")
                .isEqualTo(text);
    }

    @Test
    void schemathesisFindsNothing() throws IOException, InterruptedException {
        Schemathesis.passes(folder, server.url(), token(), "--phases", "coverage,fuzzing", "--seed", "7", "-n", "3");
    }

    @Test
    @Tag("long")
    void schemathesisFindsNothingWithManyMoreExamples() throws IOException, InterruptedException {
        Schemathesis.passes(folder, server.url(), token(), "--seed", "11", "-n", "150");
    }

    private static String token() throws IOException, InterruptedException {
        return tokenOf(ROOT).authorization();
    }
}
