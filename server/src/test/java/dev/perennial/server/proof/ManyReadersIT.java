package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A thousand readers who have asked and not read yet, and clients that send or take a byte now and then, do not stop the others. The
 * server has the heap that every installation has; what it kept for slow readers beyond that would end it.
 */
@ExtendWith(Distribution.class)
class ManyReadersIT {
    private static final int READERS = 1000;
    private static final int FILE_BYTES = 4 << 20;
    private static final int POINTS = 2000;
    private static final int PATIENCE_MILLIS = 120_000;
    private static final String API = "/api/2.0/mlflow/";
    private static final String FILES = "/api/2.0/mlflow-artifacts/artifacts/";

    @TempDir
    private static Path folder;

    private static Installation installation;
    private static String file;
    private static String history;

    @BeforeAll
    static void start() throws IOException {
        installation = Installation.start(folder);
        String run = create();
        file = FILES + "0/" + run + "/artifacts/large.bin";
        history = API + "metrics/get-history?metric_key=loss&run_id=" + run;
        assertThat(installation
                        .web()
                        .send("PUT", file, List.of(), new byte[FILE_BYTES])
                        .status())
                .isEqualTo(200);
        ObjectNode batch = Json.object().put("run_id", run);
        ArrayNode metrics = batch.putArray("metrics");
        for (int step = 0; step < POINTS; step++) {
            metrics.addObject()
                    .put("key", "loss")
                    .put("value", 1.0 / (step + 1))
                    .put("timestamp", 1000 + step)
                    .put("step", step);
            if (metrics.size() == 1000) {
                ok(installation.web().post(API + "runs/log-batch", batch));
                metrics.removeAll();
            }
        }
    }

    @AfterAll
    static void end() {
        if (installation != null) {
            installation.close();
        }
    }

    private static JsonNode ok(Web.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    private static String create() throws IOException {
        return ok(installation.web().post(API + "runs/create", "{\"experiment_id\":\"0\"}"))
                .at("/run/info/run_id")
                .asText();
    }

    /** A connection that has asked for something and reads later. */
    private record Reader(Socket socket) implements AutoCloseable {
        static Reader asking(String path) throws IOException {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(1 << 12); // so that what is not read stays with the server
            socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), installation.port()));
            socket.setSoTimeout(PATIENCE_MILLIS);
            send(socket, "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            return new Reader(socket);
        }

        /** Reads to the end; the number of bytes, head and body. */
        long rest() throws IOException {
            return socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    /** What anybody does meanwhile. */
    private static void othersWork() throws IOException {
        String run = create();
        ok(installation
                .web()
                .post(
                        API + "runs/log-metric",
                        "{\"run_id\":\"" + run + "\",\"key\":\"k\",\"value\":1,\"timestamp\":1}"));
        assertThat(ok(installation.web().get(API + "runs/get?run_id=" + run)).at("/run/data/metrics"))
                .hasSize(1);
        ok(installation.web().post(API + "runs/search", "{\"experiment_ids\":[\"0\"],\"filter\":\"metrics.k = 1\"}"));
        String own = FILES + "0/" + run + "/artifacts/a.txt";
        ok(installation.web().send("PUT", own, List.of(), "mine".getBytes(StandardCharsets.UTF_8)));
        assertThat(installation.web().get(own).body()).isEqualTo("mine");
        assertThat(installation.web().get("/health").status()).isEqualTo(200);
    }

    @Test
    void aThousandReadersOfFilesAndCurvesStopNobodyAndAllGetTheirAnswer() throws Exception {
        List<Reader> readers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < READERS; i++) {
                readers.add(Reader.asking(i % 2 == 0 ? file : history));
            }
            othersWork();
            List<Future<Long>> rests = threads.invokeAll(readers.stream()
                    .map(reader -> (Callable<Long>) reader::rest)
                    .toList());
            for (int i = 0; i < READERS; i++) {
                assertThat(rests.get(i).get()).isGreaterThan(i % 2 == 0 ? FILE_BYTES : POINTS * 40L);
            }
            othersWork();
        } finally {
            for (Reader reader : readers) {
                reader.close();
            }
        }
        assertThat(installation.log()).doesNotContain("OutOfMemoryError");
    }

    @Test
    void aReaderOfOneByteNowAndThenStopsNobody() throws Exception {
        try (Reader slow = Reader.asking(file)) {
            InputStream in = slow.socket().getInputStream();
            for (int i = 0; i < 20; i++) {
                assertThat(in.read()).isNotNegative();
                othersWork();
            }
        }
        othersWork();
    }

    @Test
    void aWriterOfOneByteNowAndThenStopsNobodyAndIsStoredWhole() throws Exception {
        String path = FILES + "0/" + create() + "/artifacts/slow.txt";
        String text = "slow but whole";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), installation.port())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            send(
                    socket,
                    "PUT " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: "
                            + text.length() + "\r\n\r\n");
            for (int i = 0; i < text.length(); i++) {
                send(socket, text.substring(i, i + 1));
                othersWork();
                if (i < text.length() - 1) {
                    assertThat(installation.web().get(path).status())
                            .as("half a file is no file")
                            .isEqualTo(404);
                }
            }
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(answer);
            assertThat(answer.toString(StandardCharsets.UTF_8)).startsWith("HTTP/1.1 200");
        }
        assertThat(installation.web().get(path).body()).isEqualTo(text);
    }

    @Test
    void anAskerOfOneByteNowAndThenStopsNobodyAndIsAnswered() throws Exception {
        String asked = "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), installation.port())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            for (int i = 0; i < asked.length(); i++) {
                send(socket, asked.substring(i, i + 1));
                if (i % 8 == 0) {
                    othersWork();
                }
            }
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(answer);
            assertThat(answer.toString(StandardCharsets.UTF_8)).startsWith("HTTP/1.1 200");
        }
    }
}
