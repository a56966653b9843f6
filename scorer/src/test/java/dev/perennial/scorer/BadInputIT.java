package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad input gets a 4xx that names the field, and nothing is logged. */
class BadInputIT {
    @TempDir
    Path folder;

    private ControlServer server;
    private ScorerProcess scorer;
    private Caller caller;

    @BeforeEach
    void start() throws Exception {
        server = new ControlServer();
        Models models = new Models(folder.resolve("blobs"));
        scorer = server.scorer(folder, "--batch-rows", "3", "--body-bytes", "20000");
        caller = new Caller(scorer.url());
        String champion = Models.variant("m/1", "champion", 0, models.model(0.25, "x", "c"));
        String shadow = Models.variant("m/2", "shadow", 0, models.model(0.75, "x", "extra"));
        server.apply(1, Models.config(1, 0, "{\"until\":1000}", champion, shadow));
    }

    @AfterEach
    void nothingWasLogged() throws Exception {
        assertThat(caller.get("/metrics").text()).contains("perennial_scorer_log_records_total{} 0\n");
        caller.close();
        scorer.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            {"id":"a","x":1,"event_time":5}                                 ~ records[0].c ~ missing
            {"id":"a","x":"1","c":"a","event_time":5}                       ~ records[0].x ~ expected a number
            {"id":"a","x":1,"c":2,"event_time":5}                           ~ records[0].c ~ expected a text
            {"id":"a","x":true,"c":"a","event_time":5}                      ~ records[0].x ~ expected a number
            {"id":"a","x":{"y":1},"c":["a"],"event_time":5}                 ~ records[0].x,records[0].c ~ expected a text
            {"id":"a","x":1,"c":"a","foo":1,"event_time":5}                 ~ records[0].foo ~ unknown column
            {"id":"a","x":1,"c":"a","x":2,"event_time":5}                   ~ records[0].x ~ twice
            {"id":"a","x":1,"c":"a","event_time":5,"event_time":6}          ~ records[0].event_time ~ twice
            {"id":"a","x":1e999,"c":"a","event_time":5}                     ~ records[0].x ~ too large
            {"id":"a","x":1,"c":"a\\u0000b","event_time":5}                 ~ records[0].c ~ control character
            {"id":"a\\nb","x":1,"c":"a","event_time":5}                     ~ records[0].id ~ control character
            {"id":"a\\ud800","x":1,"c":"a","event_time":5}                  ~ records[0].id ~ surrogate
            {"id":"","x":1,"c":"a","event_time":5}                          ~ records[0].id ~ not empty
            {"id":null,"x":1,"c":"a","event_time":5}                        ~ records[0].id ~ not empty
            {"id":1.5,"x":1,"c":"a","event_time":5}                         ~ records[0].id ~ whole number
            {"x":1,"c":"a","event_time":5}                                  ~ records[0].id ~ not empty
            {"id":"a","x":1,"c":"a"}                                        ~ records[0].event_time ~ missing
            {"id":"a","x":1,"c":"a","event_time":"soon"}                    ~ records[0].event_time ~ no time
            {"id":"a","x":1,"c":"a","event_time":-5}                        ~ records[0].event_time ~ no time
            {"id":"a","x":1,"c":"a","event_time":99999999999999999999999}   ~ records[0].event_time ~ no time
            {"id":"a","x":1,"c":"a","event_time":5,"predicted_at":1001}     ~ records[0].predicted_at ~ future
            {"id":"a","x":1,"c":"a","event_time":5,"predicted_at":{}}       ~ records[0].predicted_at ~ no time
            {"id":"a","x":1,"extra":"z","c":"a","event_time":5}             ~ records[0].extra ~ expected a number
            {"id":"a","x":NaN,"c":"a","event_time":5}                       ~ records[0].x ~ NaN
            {"id":"a","x":-Infinity,"c":"a","event_time":5}                 ~ records[0].x ~ Infinity
            {"id":"a","x":1                                                 ~ records[0].x ~ not valid JSON
            7                                                               ~ records ~ no object
            """)
    void badRecordsNameTheColumn(String record, String field, String text) throws Exception {
        Caller.Reply reply = caller.post("/endpoints/m/predict", "{\"records\":[" + record + "]}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        JsonNode error = reply.json().get("error");
        assertThat(error.get("field").asText()).isEqualTo(field);
        assertThat(error.get("message").asText()).contains(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            ``                      ~ 400 ~ records
            []                      ~ 400 ~ records
            null                    ~ 400 ~ records
            {}                      ~ 400 ~ records
            {"records":[]}          ~ 400 ~ records
            {"records":{}}          ~ 400 ~ records
            {"other":1,"records":[]} ~ 400 ~ other
            {"records":[{},{},{},{}]} ~ 413 ~ records
            {"records":[[[[[[[      ~ 400 ~ records
            """)
    void badBodiesAreRefused(String body, int status, String text) throws Exception {
        Caller.Reply reply = caller.post("/endpoints/m/predict", body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        assertThat(reply.text()).contains(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            {"inputs":[]}                                                                        ~ inputs
            {"inputs":[{"shape":[1],"datatype":"FP64","data":[1]}]}                              ~ inputs[0].name
            {"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":[1,2]}]}                 ~ x
            {"inputs":[{"name":"x","shape":[-1],"datatype":"FP64","data":[1]}]}                  ~ shape
            {"inputs":[{"name":"x","shape":[99999999999],"datatype":"FP64","data":[1]}]}         ~ shape
            {"inputs":[{"name":"x","shape":[1],"datatype":"FP16","data":[1]}]}                   ~ FP16
            {"inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[300]}]}                 ~ 300
            {"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[1.5]}]}                ~ 1.5
            {"inputs":[{"name":"x","shape":[1],"datatype":"BYTES","data":["1"]}]}                ~ expected a number
            {"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":[1]}]}                   ~ c: the column is missing
            {"inputs":[{"name":"z","shape":[1],"datatype":"FP64","data":[1]}]}                   ~ unknown column
            {"id":"a\\u0001","inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":[1]}]}   ~ control
            {"parameters":{"triton_x":1},"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":[1]}]} ~ triton_x
            {"inputs":[{"name":"x","shape":[1],"shape":[2],"datatype":"FP64","data":[1]}]}       ~ Duplicate
            """)
    void badOpenInferenceRequestsNameTheInput(String body, String text) throws Exception {
        Caller.Reply reply = caller.post("/v2/models/m/infer", body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.json().get("error").asText()).contains(text);
    }

    @Test
    void invalidUtf8HugeBodiesAndForeignPagesAreRefused() throws Exception {
        byte[] body = Caller.records("aXb").getBytes(StandardCharsets.ISO_8859_1);
        body[new String(body, StandardCharsets.ISO_8859_1).indexOf('X')] = (byte) 0xff;
        assertThat(caller.post("/endpoints/m/predict", body).text()).contains("UTF-8");
        assertThat(caller.post("/endpoints/m/predict", new byte[30_000]).status())
                .isEqualTo(413);
        assertThat(post(gzip(new byte[3_000_000]), "Content-Encoding", "gzip").status())
                .isEqualTo(413);
        assertThat(post(new byte[3], "Content-Encoding", "br").status()).isEqualTo(415);
        assertThat(post(new byte[3], "Content-Type", "multipart/form-data").status())
                .isEqualTo(415);
        assertThat(post(new byte[3], "Origin", "http://evil.example").status()).isEqualTo(403);
        assertThat(post(new byte[3], "Origin", "null").status()).isEqualTo(403);
        assertThat(post(new byte[3], "Sec-Fetch-Site", "cross-site").status()).isEqualTo(403);
        for (String host : new String[] {"evil.example", "127.0.0.1.evil.example", "", "localhost:x"}) {
            assertThat(raw("GET /v2/health/live HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                    .contains(" 403 ");
        }
        assertThat(raw("GET /v2/health/live HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n"))
                .contains(" 200 ");
    }

    @Test
    void unknownRoutesAndVerbsAreRefusedInTheShapeOfTheirProtocol() throws Exception {
        assertThat(caller.get("/endpoints/m/predict").status()).isEqualTo(405);
        assertThat(caller.post("/healthz", "").status()).isEqualTo(405);
        for (String path :
                new String[] {"/endpoints/..%2fm/predict", "/endpoints/nope/predict", "/endpoints/%00/predict"}) {
            assertThat(caller.post(path, Caller.records("a")).status()).isEqualTo(404);
        }
        Caller.Reply unknown = caller.post("/v2/models/nope/infer", "{}");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.json().get("error").isTextual()).isTrue();
        assertThat(caller.get("/nothing").status()).isEqualTo(404);
        assertThat(raw("GET /v2/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .contains(" 400 ");
    }

    private Caller.Reply post(byte[] body, String header, String value) throws IOException, InterruptedException {
        if (header.equals("Origin") || header.equals("Sec-Fetch-Site")) {
            String text = raw("POST /endpoints/m/predict HTTP/1.1\r\nHost: localhost\r\n" + header + ": " + value
                    + "\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
            return new Caller.Reply(Integer.parseInt(text.substring(9, 12)), text);
        }
        return caller.send(HttpRequest.newBuilder(URI.create(scorer.url() + "/endpoints/m/predict"))
                .header(header, value)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", scorer.port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }
}
