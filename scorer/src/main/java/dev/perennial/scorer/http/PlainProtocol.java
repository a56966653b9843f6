package dev.perennial.scorer.http;

import dev.perennial.scorer.serving.Answer;
import dev.perennial.scorer.serving.Call;
import dev.perennial.scorer.serving.Inference;
import dev.perennial.scorer.serving.Outcome;
import dev.perennial.scorer.serving.Payload;
import dev.perennial.scoring.RunLimit;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/**
 * Plain JSON records at {@code /endpoints/NAME/predict}: {@code {"records":[{"flight_id":"...","carrier":"UA",...,"event_time":1364800000000}]}}.
 */
final class PlainProtocol implements Protocol {
    private final Inference inference;
    private final Exchanges exchanges;
    private final RecordsReader reader;

    /** @param ids makes a prediction id, for rows of an endpoint without key columns */
    PlainProtocol(Inference inference, Exchanges exchanges, InstantSource clock, int rowsMax, Supplier<String> ids) {
        this.inference = inference;
        this.exchanges = exchanges;
        this.reader = new RecordsReader(clock, rowsMax, ids);
    }

    @Override
    public boolean handle(HttpServerRequest request, String path, String[] parts) {
        if (parts.length != 4 || !parts[1].equals("endpoints") || !parts[3].equals("predict")) {
            return false;
        }
        Exchanges.only(request, HttpMethod.POST);
        exchanges.readBody(request, (body, since) -> predict(request, parts[2], body, since));
        return true;
    }

    private void predict(HttpServerRequest request, String name, byte[] body, long since) {
        Call.Reading reading = Chosen.keyed(request, endpoint -> new Payload.Rows(reader.read(endpoint, body)));
        inference.infer(
                new Call(
                        exchanges.caller(request),
                        name,
                        Chosen.version(request),
                        body.length,
                        since,
                        RunLimit.NONE,
                        reading),
                outcome -> switch (outcome) {
                    case Outcome.Scored scored -> {
                        String text = write(scored.answers());
                        yield () -> {
                            Exchanges.fallback(request, scored.fallback());
                            exchanges.send(request, scored.logged(), text);
                        };
                    }
                    case Outcome.Computed _ -> throw new IllegalStateException("rows were asked for");
                    case Outcome.Failed failed -> () -> exchanges.replies().error(request, failed.why());
                });
    }

    static String write(List<Answer> answers) {
        StringBuilder out = new StringBuilder(32 + answers.size() * 128).append("{\"predictions\":[");
        for (int i = 0; i < answers.size(); i++) {
            Answer answer = answers.get(i);
            out.append(i == 0 ? "{\"id\":" : ",{\"id\":");
            JsonBodies.quote(out, answer.id());
            out.append(",\"score\":").append(answer.score()).append(",\"version\":");
            JsonBodies.quote(out, answer.version());
            out.append(",\"role\":\"")
                    .append(answer.role().word())
                    .append("\",\"fallback\":")
                    .append(answer.fallback())
                    .append('}');
        }
        return out.append("]}").toString();
    }
}
