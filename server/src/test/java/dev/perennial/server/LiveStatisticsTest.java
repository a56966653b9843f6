package dev.perennial.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.perennial.serving.ScorerFleet.Scorer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is told of scorers that answer over real connections. */
class LiveStatisticsTest {
    private static final String NOTHING = "{\"model_stats\":[]}";

    private static final InternalToken TOKEN = new InternalToken(Path.of("internal.token"), "secret");

    private final LiveStatistics live = new LiveStatistics(() -> TOKEN);
    private final List<HttpServer> servers = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();
    private final List<String> shown = new ArrayList<>();

    @AfterEach
    void close() {
        live.close();
        servers.forEach(server -> server.stop(0));
    }

    @Test
    void sumsWhatTheScorersDidByVersion() throws IOException {
        Scorer one = scorer("one", statistics("fraud", "3", 10, 8, 1) + statistics("fraud", "4", 2, 2, 0));
        Scorer two = scorer("two", statistics("fraud", "3", 5, 5, 2));

        LiveStatistics.One told = live.of("fraud", List.of(one, two));

        assertThat(told.versions())
                .containsExactly(
                        new LiveStatistics.Counts("3", 15, 13, 3, 13_000, 1_300),
                        new LiveStatistics.Counts("4", 2, 2, 0, 2_000, 200));
        assertThat(told.scorers())
                .containsExactly(new LiveStatistics.Asked("one", true), new LiveStatistics.Asked("two", true));
    }

    @Test
    void tellsTheLatencyOfAllScorersTogether() throws IOException {
        String metrics = """
                perennial_scorer_request_seconds_bucket{endpoint="fraud",le="0.1"} 7
                perennial_scorer_request_seconds_bucket{endpoint="fraud",le="+Inf"} 9
                """;
        Scorer one = scorer("one", Map.of("/v2/models/fraud/stats", NOTHING, "/metrics", metrics));
        Scorer two = scorer("two", Map.of("/v2/models/fraud/stats", NOTHING, "/metrics", metrics));

        assertThat(live.of("fraud", List.of(one, two)).latency())
                .isEqualTo(new LatencyBuckets(List.of(0.1), List.of(14L, 4L)));
    }

    @Test
    void tellsWhatFallbacksAnsweredAndWhatWasRefusedByAllScorersTogether() throws IOException {
        String metrics = """
                perennial_scorer_predictions_total{endpoint="fraud",version="fraud/3",role="champion"} 900
                perennial_scorer_predictions_total{endpoint="fraud",version="fraud/3",role="fallback"} 7
                perennial_scorer_predictions_total{endpoint="fraud",version="constant",role="fallback"} 2
                perennial_scorer_predictions_total{endpoint="fraud-2",version="fraud/3",role="fallback"} 50
                perennial_scorer_shed_total{endpoint="fraud"} 3
                perennial_scorer_shed_total{endpoint="other"} 60
                """;
        Scorer one = scorer("one", Map.of("/v2/models/fraud/stats", NOTHING, "/metrics", metrics));
        Scorer two = scorer("two", Map.of("/v2/models/fraud/stats", NOTHING, "/metrics", metrics));
        Scorer silent = scorer("three", NOTHING);

        assertThat(live.of("fraud", List.of(one, two, silent)).turns()).isEqualTo(new EndpointTurns(18, 6));
    }

    @Test
    void namesAScorerThatIsSilentAndCountsTheOthers() throws IOException {
        Scorer gone = scorer("gone", NOTHING);
        servers.removeLast().stop(0);
        Scorer here = scorer("here", statistics("fraud", "1", 4, 4, 0));

        LiveStatistics.One told = live.of("fraud", List.of(gone, here));

        assertThat(told.scorers())
                .containsExactly(new LiveStatistics.Asked("gone", false), new LiveStatistics.Asked("here", true));
        assertThat(told.versions()).extracting(LiveStatistics.Counts::rows).containsExactly(4L);
    }

    @Test
    void anEndpointThatNoScorerHasLoadedYetHasDoneNothing() throws IOException {
        LiveStatistics.One told = live.of("new", List.of(scorer("one", Map.of())));

        assertThat(told.versions()).isEmpty();
        assertThat(told.latency()).isEqualTo(LatencyBuckets.NONE);
        assertThat(told.scorers()).containsExactly(new LiveStatistics.Asked("one", true));
    }

    @Test
    void aScorerThatAnswersNoJsonCountsNothing() throws IOException {
        Scorer odd = scorer("odd", Map.of("/v2/models/fraud/stats", "<html>"));

        assertThat(live.of("fraud", List.of(odd)).versions()).isEmpty();
    }

    @Test
    void asksNobodyBeyondThisMachine() {
        Scorer far = at("far", "http://192.0.2.1:80");
        Scorer file = at("file", "file:///etc/passwd");
        Scorer none = at("none", "no address");

        LiveStatistics.One told = live.of("fraud", List.of(far, file, none));

        assertThat(told.scorers()).extracting(LiveStatistics.Asked::answered).containsOnly(false);
    }

    @Test
    void tellsAllEndpointsWithOneRequestToEachScorer() throws IOException {
        String body = "{\"model_stats\":[" + statistics("a", "1", 1, 1, 0) + "," + statistics("b", "7", 2, 2, 0) + "]}";
        Scorer one = scorer("one", Map.of("/v2/models/stats", body));
        Scorer two = scorer("two", Map.of("/v2/models/stats", body));

        LiveStatistics.All told = live.all(List.of(one, two));

        assertThat(told.endpoints()).containsOnlyKeys("a", "b");
        assertThat(told.endpoints().get("b")).containsExactly(new LiveStatistics.Counts("7", 4, 4, 0, 4_000, 400));
        assertThat(asked).containsExactly("/v2/models/stats", "/v2/models/stats");
    }

    @Test
    void theInstallationsOwnScorerIsShownItsToken() throws IOException {
        live.of("fraud", List.of(scorer("local-1", NOTHING)));
        live.all(List.of(scorer("local-1", NOTHING)));

        assertThat(shown).containsExactly("Bearer secret", "Bearer secret", "Bearer secret");
    }

    @Test
    void noOtherScorerSeesTheTokenWhateverAddressItGives() throws IOException {
        live.of("fraud", List.of(scorer("edge-1", NOTHING), scorer("local-11", NOTHING)));

        assertThat(shown).hasSize(4).containsOnly("nothing");
    }

    @Test
    void withoutAScorerNothingIsKnown() {
        assertThat(live.all(List.of()).endpoints()).isEmpty();
        assertThat(live.of("fraud", List.of()).scorers()).isEmpty();
    }

    private static String statistics(String name, String version, long rows, long requests, long failures) {
        return """
                {"name":"%s","version":"%s","inference_count":%d,"inference_stats":{"success":{"count":%d,"ns":%d},\
                "fail":{"count":%d,"ns":1},"compute_infer":{"count":%d,"ns":%d}}}""".formatted(name, version, rows, requests, requests * 1_000, failures, requests, requests * 100);
    }

    private Scorer scorer(String id, String statistics) throws IOException {
        String list =
                statistics.equals(NOTHING) ? NOTHING : "{\"model_stats\":[" + statistics.replace("}{", "},{") + "]}";
        return scorer(id, Map.of("/v2/models/fraud/stats", list));
    }

    private Scorer scorer(String id, Map<String, String> answers) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            synchronized (asked) {
                asked.add(path);
                shown.addAll(exchange.getRequestHeaders().getOrDefault("Authorization", List.of("nothing")));
            }
            String answer = answers.get(path);
            byte[] body = (answer == null ? "{}" : answer).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer == null ? 404 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        servers.add(server);
        return at(id, "http://127.0.0.1:" + server.getAddress().getPort());
    }

    private static Scorer at(String id, String url) {
        return new Scorer(id, url, 1, 0, 0, true, 2, null, null, null, List.of());
    }
}
