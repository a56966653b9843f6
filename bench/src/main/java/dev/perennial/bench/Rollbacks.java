package dev.perennial.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * How long it takes, a hundred times, from the moment at which the server says that a candidate with all traffic is taken back until the
 * champion answers: the scorer's part of a rollback. The champion is loaded all the time.
 */
final class Rollbacks {
    private static final int TIMES = 100;
    private static final int ANSWER_MILLIS = 10_000;
    private static final int ALL = 10_000;
    private static final double SECOND = 1_000;

    private final ServingSetting setting;

    Rollbacks(ServingSetting setting) {
        this.setting = setting;
    }

    void run() throws IOException, InterruptedException {
        Path folder = setting.folder("rollback");
        String body = new String(setting.rows().getFirst().records().body(), StandardCharsets.UTF_8);
        List<BenchScorer.Place> rollout = List.of(setting.with("canary", ALL));
        List<BenchScorer.Place> before = List.of(setting.alone());
        double[] millis = new double[TIMES];
        try (BenchScorer scorer = new BenchScorer(folder.resolve("scorer"), rollout);
                WireClient client = new WireClient(scorer.server().port(), ANSWER_MILLIS)) {
            for (int i = 0; i < TIMES; i++) {
                await(client, body, "/2");
                long begin = System.nanoTime();
                scorer.change(before);
                await(client, body, "/1");
                millis[i] = (System.nanoTime() - begin) / 1e6;
                scorer.change(rollout);
            }
        }
        Arrays.sort(millis);
        double median = millis[TIMES / 2];
        double p99 = millis[TIMES - 2];
        Table table = new Table("rollbacks", "median ms", "p99 ms", "slowest ms");
        table.row(Integer.toString(TIMES), Figure.number(median), Figure.number(p99), Figure.number(millis[TIMES - 1]));
        table.print();
        new Figure(
                        "rollback, from the server's word to the champion's answer, p99 of " + TIMES,
                        Figure.number(p99) + " ms",
                        "median: " + Figure.number(median) + " ms",
                        "",
                        "< 1 s",
                        p99 < SECOND)
                .tell();
    }

    private static void await(WireClient client, String body, String version) throws IOException {
        String answered = "\"version\":\"" + ServingSetting.MODEL + version + "\"";
        long until = System.nanoTime() + ANSWER_MILLIS * 1_000_000L;
        String answer = "";
        while (!answer.contains(answered)) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException("version " + version + " does not answer: " + answer);
            }
            answer = client.posted("/endpoints/" + ServingSetting.MODEL + "/predict", body);
        }
    }
}
