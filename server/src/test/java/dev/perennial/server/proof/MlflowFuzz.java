package dev.perennial.server.proof;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Requests to MLflow's routes that no client would send. A request has every field that any route knows, all as they should be but a few,
 * so that it comes far into the route before it is refused. The same seed gives the same requests.
 */
final class MlflowFuzz {
    private static final int LONG = 20_000;
    private static final int HUGE = 2 << 20;
    private static final int DEEP = 5_000;
    private static final int QUERY_MAX = 500;

    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "\u0000",
            "a\u0000b",
            "\uD800",
            "\uD83D\uDE00",
            "\u202Eabc",
            "../../etc/passwd",
            "..%2f..%2fx",
            "file:///etc/passwd",
            "s3://b/../x",
            "models:/x/1",
            "models:/m-",
            "runs:/x/y",
            "'; drop table run; --",
            "%n%s%x",
            "${jndi:x}",
            "\r\nX: y",
            "9223372036854775808",
            "-9223372036854775809",
            "1e400",
            "1e2000000000",
            "1E-2147483648",
            "0x10",
            "NaN",
            "-Infinity",
            "null",
            "true",
            "[]",
            "{\"a\":1}",
            "2026-01-01",
            "a/b",
            "a//b",
            ".",
            "latest",
            "v1",
            "@");

    private static final List<String> RAW = List.of(
            "null",
            "true",
            "0",
            "-1",
            "1.5",
            "5.0",
            "1e400",
            "-1e400",
            "1e2147483648",
            "9223372036854775807",
            "9223372036854775808",
            "99999999999999999999999999",
            "NaN",
            "-Infinity",
            "[]",
            "{}",
            "[null]",
            "[[]]",
            "[{}]",
            "[1,\"a\",null,{}]",
            "{\"key\":null}",
            "{\"key\":{\"key\":[]}}",
            "[{\"key\":\"k\",\"value\":{}}]",
            "[{\"key\":\"k\",\"value\":\"v\",\"timestamp\":1},{\"key\":\"k\",\"value\":\"w\",\"timestamp\":1}]",
            "[{\"entity\":\"X\",\"action\":1}]",
            "[{\"dataset\":{\"name\":1}}]",
            "[{\"field_name\":5,\"ascending\":\"x\"}]");

    private static final List<String> WORDS = List.of(
            "metrics.m",
            "params.`p q`",
            "tags.\"t\"",
            "attributes.start_time",
            "status",
            "name",
            "run_id",
            "dataset.name",
            "version_number",
            "creation_time",
            "x.y.z",
            "`",
            "'",
            "\"",
            "'text'",
            "'%_'",
            "\"x\"",
            "1",
            "-1.5e300",
            "1e999",
            "=",
            "!=",
            ">",
            "<=",
            "LIKE",
            "ILIKE",
            "IN",
            "NOT",
            "IS",
            "NULL",
            "AND",
            "OR",
            "(",
            ")",
            "(('a'))",
            ",",
            ";",
            "--",
            "/*",
            "\\",
            "\u0000",
            "ü",
            "ASC",
            "DESC",
            "(1)",
            "('a','b')",
            "()");

    private static final List<String> TYPES = List.of(
            "text/plain",
            "application/json; charset=utf-16",
            "application/jsonx",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "application/octet-stream",
            ";",
            "application/json;;;",
            "",
            "*/*");

    private static final List<String> HEADERS = List.of(
            "X-MLFLOW-WORKSPACE: ../x",
            "X-MLFLOW-WORKSPACE: default",
            "X-MLFLOW-WORKSPACE: no-such-workspace",
            "User-Agent: mlflow-java-client/2.17.2",
            "Range: bytes=9-1,0-99999999999999999999",
            "Content-Encoding: gzip",
            "Authorization: Basic !!!",
            "Authorization: Bearer x",
            "If-None-Match: *",
            "Accept: text/html");

    private static final List<String> SEGMENTS = List.of(
            "%00",
            "%zz",
            "%ff%fe",
            "..%2f",
            "%2e%2e",
            "a%0d%0ab",
            "%F0%9F%98%80",
            "'%20or%201=1--",
            "-1",
            "{}",
            "a/b",
            "%E2%80%AE",
            "m-%25",
            ".",
            "%2F",
            "*");

    private final Random random;
    private final List<Target> targets;
    private final ObjectNode good;

    /** A route of the table of rights. */
    record Target(String method, String path) {}

    /**
     * A request.
     *
     * @param cut whether the connection ends before the body does
     */
    record Request(Target target, String path, List<String> headers, byte[] body, boolean cut) {
        Request {
            headers = List.copyOf(headers);
        }
    }

    /** @param good every field that any route knows, with a value that fits */
    MlflowFuzz(long seed, List<Target> targets, ObjectNode good) {
        this.random = new Random(seed);
        this.targets = List.copyOf(targets);
        this.good = good.deepCopy();
    }

    Request next() {
        Target target = one(targets);
        List<String> headers = new ArrayList<>();
        if (chance(6)) {
            headers.add(one(HEADERS));
        }
        String path = path(target);
        if (target.method().equals("GET") || target.method().equals("HEAD")) {
            return new Request(target, path + query(), headers, new byte[0], false);
        }
        headers.add("Content-Type: " + (chance(12) ? one(TYPES) : "application/json"));
        String query = target.path().contains("upload-artifact") || chance(10) ? query() : "";
        return new Request(target, path + query, headers, body(), chance(60));
    }

    private String path(Target target) {
        String path = chance(3) ? target.path().replace("/api/", "/ajax-api/") : target.path();
        while (path.contains("{")) {
            String name = path.substring(path.indexOf('{') + 1, path.indexOf('}'));
            String value = good.path(name).asText("x");
            String segment = chance(2) ? value : chance(8) ? "x".repeat(3_000) : one(SEGMENTS);
            path = path.replace("{" + name + "}", segment);
        }
        return chance(40) ? "/" + path : path;
    }

    private String query() {
        List<String> parts = new ArrayList<>();
        List<String> spoilt = spoilt();
        for (var field : good.properties()) {
            boolean bad = spoilt.contains(field.getKey());
            String value = field.getValue().isArray()
                    ? field.getValue().path(0).asText()
                    : field.getValue().asText();
            parts.add(field.getKey() + "=" + (bad ? badQuery(field.getKey()) : encoded(value)));
            if (bad && chance(4)) {
                parts.add(field.getKey() + "=" + badQuery(field.getKey()));
            }
        }
        return "?" + String.join("&", parts);
    }

    private String badQuery(String field) {
        return switch (random.nextInt(8)) {
            case 0 -> "%zz";
            case 1 -> "%ff%fe";
            case 2 -> "";
            case 3 -> "x".repeat(2_000);
            default -> encoded(cut(text(field)));
        };
    }

    private static String cut(String text) {
        return text.length() > QUERY_MAX ? text.substring(0, QUERY_MAX) : text;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private List<String> spoilt() {
        List<String> names =
                good.properties().stream().map(java.util.Map.Entry::getKey).toList();
        return IntStream.range(0, 1 + random.nextInt(4))
                .mapToObj(i -> one(names))
                .toList();
    }

    private byte[] body() {
        if (chance(25)) {
            return noObject();
        }
        List<String> spoilt = spoilt();
        String body = good.properties().stream()
                .filter(field -> !spoilt.contains(field.getKey()) || !chance(6))
                .map(field -> quoted(field.getKey()) + ":"
                        + (spoilt.contains(field.getKey())
                                ? bad(field.getKey(), field.getValue())
                                : field.getValue().toString()))
                .collect(Collectors.joining(",", "{", "}"));
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        if (chance(15)) {
            int at = random.nextInt(bytes.length);
            bytes[at] = (byte) random.nextInt(256);
        }
        return chance(30) ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    }

    private byte[] noObject() {
        return switch (random.nextInt(8)) {
            case 0 -> new byte[0];
            case 1 -> "[".repeat(DEEP).getBytes(StandardCharsets.UTF_8);
            case 2 -> ("{\"a\":".repeat(DEEP) + "1" + "}".repeat(DEEP)).getBytes(StandardCharsets.UTF_8);
            case 3 ->
                random.ints(200, 0, 256)
                        .collect(StringBuilder::new, (b, c) -> b.append((char) c), StringBuilder::append)
                        .toString()
                        .getBytes(StandardCharsets.ISO_8859_1);
            case 4 -> quoted(good.toString()).getBytes(StandardCharsets.UTF_8);
            case 5 -> good.toString().getBytes(StandardCharsets.UTF_16);
            case 6 -> ("\uFEFF" + good).getBytes(StandardCharsets.UTF_8);
            default -> one(RAW).getBytes(StandardCharsets.UTF_8);
        };
    }

    private static String quoted(String text) {
        return Json.array().add(text).get(0).toString();
    }

    /** Another value of a field, as JSON or nearly. */
    private String bad(String field, JsonNode value) {
        return switch (random.nextInt(7)) {
            case 0, 1 -> one(RAW);
            case 2 -> value.isArray() ? list((ArrayNode) value) : "[" + value + "]";
            case 3 -> chance(10) ? "[".repeat(DEEP) + "]".repeat(DEEP) : "{\"" + field + "\":" + value + "}";
            default -> quoted(text(field));
        };
    }

    /** A list with one member replaced, or with very many. */
    private String list(ArrayNode good) {
        if (chance(5)) {
            return IntStream.range(0, 1_500)
                    .mapToObj(i -> good.path(0).toString())
                    .collect(Collectors.joining(",", "[", "]"));
        }
        List<String> members = new ArrayList<>();
        good.forEach(member -> members.add(member.toString()));
        JsonNode first = good.path(0);
        if (first.isObject() && !first.isEmpty() && chance(2)) {
            List<String> names =
                    first.properties().stream().map(java.util.Map.Entry::getKey).toList();
            String name = one(names);
            members.add(first.toString().replace(quoted(name) + ":", quoted(name) + ":" + one(RAW) + ",\"was\":"));
        } else {
            members.add(one(RAW));
        }
        return "[" + String.join(",", members) + "]";
    }

    private String text(String field) {
        if (field.startsWith("filter") || field.equals("order_by")) {
            return IntStream.range(0, 1 + random.nextInt(9))
                    .mapToObj(i -> one(WORDS))
                    .collect(Collectors.joining(chance(5) ? "" : " "));
        }
        return switch (random.nextInt(12)) {
            case 0 -> "x".repeat(chance(40) ? HUGE : LONG);
            case 1 -> "\uD83D\uDE00".repeat(LONG);
            case 2 ->
                random.ints(20, 1, 0x2000)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
            default -> one(TEXTS);
        };
    }

    private <T> T one(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private boolean chance(int of) {
        return random.nextInt(of) == 0;
    }
}
