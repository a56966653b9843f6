package dev.perennial.scorer.telemetry;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.util.List;

/** Spans as the JSON of OTLP's {@code ExportTraceServiceRequest}. */
final class OtlpJson {
    private static final int KIND_INTERNAL = 1;
    private static final int KIND_SERVER = 2;
    private static final int STATUS_ERROR = 2;

    private OtlpJson() {}

    /** @param resource pairs of name and value that tell who sends */
    static String write(List<String> resource, List<Span> spans) {
        ObjectNode body = Json.object();
        ObjectNode one = body.putArray("resourceSpans").addObject();
        attributes(one.putObject("resource").putArray("attributes"), resource);
        ObjectNode scope = one.putArray("scopeSpans").addObject();
        scope.putObject("scope").put("name", "perennial-scorer");
        ArrayNode list = scope.putArray("spans");
        spans.forEach(span -> span(list.addObject(), span));
        return body.toString();
    }

    private static void span(ObjectNode out, Span span) {
        out.put("traceId", span.trace()).put("spanId", span.id());
        if (span.parent() != null) {
            out.put("parentSpanId", span.parent());
        }
        if (span.state() != null) {
            out.put("traceState", span.state());
        }
        out.put("name", span.name());
        out.put("kind", span.server() ? KIND_SERVER : KIND_INTERNAL);
        out.put("startTimeUnixNano", Long.toString(span.begin())); // 64 bits are texts in protobuf's JSON
        out.put("endTimeUnixNano", Long.toString(span.end()));
        attributes(out.putArray("attributes"), span.attributes());
        ObjectNode status = out.putObject("status");
        if (span.error() != null) {
            status.put("code", STATUS_ERROR).put("message", span.error());
        }
    }

    private static void attributes(ArrayNode out, List<String> pairs) {
        for (int i = 0; i < pairs.size(); i += 2) {
            ObjectNode attribute = out.addObject().put("key", pairs.get(i));
            attribute.putObject("value").put("stringValue", pairs.get(i + 1));
        }
    }
}
