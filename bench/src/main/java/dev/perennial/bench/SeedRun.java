package dev.perennial.bench;

import dev.perennial.kernel.Digest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One of many runs of one experiment, the same on every side: five metrics (of which {@code f1} is missing on 40 % and NaN on 1 %), five
 * params, three tags.
 */
record SeedRun(
        int number,
        String id,
        String name,
        String status,
        long startedAt,
        long endedAt,
        Map<String, Double> metrics,
        Map<String, String> params,
        Map<String, String> tags) {
    static final long FIRST_START = 1_700_000_000_000L;
    private static final int ID_LENGTH = 32;
    private static final String[] MODELS = {"tree", "linear", "forest", "network"};

    static SeedRun of(int number) {
        SplittableRandom random = new SplittableRandom(number * 31L + 7);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("acc", random.nextDouble());
        metrics.put("loss", random.nextDouble() * 3);
        metrics.put("auc", 0.5 + random.nextDouble() / 2);
        metrics.put("seconds", (double) random.nextInt(10_000));
        double f1 = random.nextDouble();
        int gap = random.nextInt(100);
        if (gap >= 40) {
            metrics.put("f1", gap == 40 ? Double.NaN : f1);
        }
        Map<String, String> params = new LinkedHashMap<>();
        params.put("depth", String.valueOf(random.nextInt(16)));
        params.put("model", MODELS[random.nextInt(MODELS.length)]);
        params.put("optimizer", random.nextInt(3) == 0 ? "sgd" : "adam");
        params.put("rate", "0." + random.nextInt(10));
        params.put("seed", String.valueOf(number));
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("mlflow.runName", "run-" + number);
        tags.put("stage", random.nextInt(4) == 0 ? "nightly" : "adhoc");
        tags.put("team", number % 1000 == 17 ? "rare" : "team-" + random.nextInt(5));
        long start = FIRST_START + number * 1000L;
        return new SeedRun(
                number,
                Digest.of("seed " + number).hex().substring(0, ID_LENGTH),
                "run-" + number,
                random.nextInt(20) == 0 ? "FAILED" : "FINISHED",
                start,
                start + 500,
                metrics,
                params,
                tags);
    }
}
