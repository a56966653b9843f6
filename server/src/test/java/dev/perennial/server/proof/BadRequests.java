package dev.perennial.server.proof;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Sends requests that must be refused and remembers every answer that is none: no 4xx, no JSON, no reason. */
final class BadRequests {
    private static final int SHOWN_MAX = 160;

    /** Values of a path segment that name nothing. */
    static final List<String> IDS = List.of(
            "..%2f..%2f..%2fetc%2fpasswd",
            "..%5c..%5cboot",
            "%2e%2e%2fperennial.db",
            "%00",
            "a%00b",
            "a%0d%0aX-Injected:%201",
            "%ff%fe",
            "%F0%9F%98%80",
            "%zz",
            "'%20or%201=1--",
            "-1",
            "NaN",
            "x".repeat(3000));

    private final Web web;
    private final List<String> wrong = new ArrayList<>();
    private int sent;

    BadRequests(Web web) {
        this.web = web;
    }

    int sent() {
        return sent;
    }

    List<String> wrong() {
        return wrong;
    }

    /** @param named one of these must stand in the answer; empty when any reason will do */
    void refused(String method, String path, List<String> headers, byte[] body, String... named) throws IOException {
        sent++;
        Web.Answer answer;
        try {
            answer = web.send(method, path, headers, body);
        } catch (IOException e) {
            wrong.add(shown(method + " " + path + " " + text(body)) + " -> no answer: " + e.getMessage());
            return;
        }
        String problem = problem(answer, named);
        if (!problem.isEmpty()) {
            wrong.add(shown(method + " " + path + " " + headers + " " + text(body)) + " -> " + answer.status() + " "
                    + problem + ": " + shown(answer.body()));
        }
    }

    void refusedGet(String path, String... named) throws IOException {
        refused("GET", path, List.of(), new byte[0], named);
    }

    void refusedJson(String method, String path, String body, String... named) throws IOException {
        refused(method, path, List.of("Content-Type: application/json"), body.getBytes(StandardCharsets.UTF_8), named);
    }

    /** Bodies that are no JSON object at all, whatever the route. */
    void noObject(String method, String path) throws IOException {
        for (String body : List.of(
                "",
                "null",
                "[]",
                "\"x\"",
                "1",
                "NaN",
                "{",
                "{}{}",
                "{\"reason\":NaN}",
                "{\"a\":1,\"a\":2}",
                "[".repeat(100_000))) {
            refusedJson(method, path, body);
        }
        byte[] invalid = "{\"reason\":\"?\"}".getBytes(StandardCharsets.UTF_8);
        invalid[invalid.length - 3] = (byte) 0xff;
        refused(method, path, List.of("Content-Type: application/json"), invalid);
        refused(method, path, List.of("Content-Type: text/plain"), "{}".getBytes(StandardCharsets.UTF_8));
        refusedJson(method, path, "{\"" + "x".repeat(17 << 20) + "\":1}");
    }

    /** Bodies with one field of another type than the route wants, and one with an unknown key. */
    void wrongFields(String method, String path, ObjectNode good) throws IOException {
        ObjectNode more = good.deepCopy();
        more.put("surprise", 1);
        refusedJson(method, path, more.toString(), "surprise");
        for (var field : good.properties()) {
            for (JsonNode value : wrongFor(field.getValue())) {
                ObjectNode bad = good.deepCopy();
                bad.set(field.getKey(), value);
                refusedJson(method, path, bad.toString(), field.getKey());
            }
            if (field.getValue().isIntegralNumber()) {
                refusedJson(
                        method,
                        path,
                        good.toString().replace(field.getKey() + "\":" + field.getValue(), field.getKey() + "\":NaN"));
            }
        }
    }

    /** A page of another site, and a name that is not this machine's. */
    void foreign(String method, String path) throws IOException {
        byte[] body = method.equals("GET") ? new byte[0] : "{}".getBytes(StandardCharsets.UTF_8);
        for (String header : List.of(
                "Host: evil.example",
                "Host: 127.0.0.1.evil.example:80",
                "Origin: http://evil.example",
                "Origin: null")) {
            refused(method, path, List.of("Content-Type: application/json", header), body);
        }
    }

    private static List<JsonNode> wrongFor(JsonNode good) {
        List<JsonNode> wrong = new ArrayList<>(List.of(Json.parse("[[]]"), Json.parse("1.5")));
        if (!good.isObject()) {
            wrong.add(Json.parse("{}"));
        }
        if (!good.isArray()) {
            wrong.add(Json.parse("[1]"));
        }
        if (good.isTextual()) {
            wrong.addAll(List.of(Json.parse("1"), Json.parse("true"), Json.parse("\"\\u0000\"")));
        } else {
            wrong.addAll(List.of(Json.parse("\"x\""), Json.parse("\"\"")));
        }
        if (!good.isBoolean()) {
            wrong.add(Json.parse("false"));
        }
        if (good.isIntegralNumber()) {
            wrong.addAll(List.of(Json.parse("-1"), Json.parse("1e30"), Json.parse("99999999999999999999")));
        }
        return wrong;
    }

    private static String problem(Web.Answer answer, String... named) {
        if (answer.status() < 400 || answer.status() > 499) {
            return "is not 4xx";
        }
        JsonNode error;
        try {
            error = answer.json().path("error");
        } catch (PerennialException e) {
            return "is no JSON";
        }
        String said = error.isTextual()
                ? error.asText()
                : error.path("message").asText() + " " + error.path("field").asText();
        if (said.isBlank() || said.startsWith("HTTP ")) {
            return "gives no reason";
        }
        for (String name : named) {
            if (!said.contains(name)) {
                return "does not name '" + name + "'";
            }
        }
        return "";
    }

    private static String text(byte[] body) {
        return new String(body, 0, Math.min(body.length, 2 * SHOWN_MAX), StandardCharsets.UTF_8);
    }

    private static String shown(String text) {
        return text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "..." : text;
    }
}
