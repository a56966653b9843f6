package dev.perennial.server.proof;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * A small world with a known truth: parcels that come late depending on weight, region and road load. On {@link #NEW_PLAN} another plan
 * is in force, under which more parcels come late: whoever learns it is better from then on, and nothing changes after that.
 */
final class Parcels {
    static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
    static final LocalDate FIRST = LocalDate.of(2024, 1, 1);
    static final LocalDate REPLAY_FROM = LocalDate.of(2024, 1, 22);
    static final LocalDate NEW_PLAN = LocalDate.of(2024, 2, 12);
    static final LocalDate REPLAY_TO = LocalDate.of(2024, 4, 8);
    /** From then on nothing is heard of the roads. */
    static final LocalDate ROADS_SILENT = LocalDate.of(2024, 4, 3);

    private static final int DAYS = 107;
    private static final int PARCELS_A_DAY = 72;
    private static final String[] REGIONS = {"north", "south", "west"};
    private static final double[] REGION_EFFECT = {0.5, 0.0, -0.5};

    private static final String LIFECYCLE = """
            perennial: v1
            model: parcels
            title: Will this parcel come late?
            owner: dispatch
            risk: limited
            time-zone: Europe/Berlin

            sources:
              parcels:
                path: parcels.csv
                csv: {delimiter: ",", null: "", columns: {parcel_id: string, event_time: timestamp, label_time: timestamp, region: string, plan: string, weight: number, hour: integer, late: integer}}
                key: [parcel_id]
                event-time: event_time
                known-ahead: [parcel_id, event_time, region, plan, weight, hour]
                known-at:
                  late: label_time
              roads:
                path: roads.csv
                csv: {delimiter: ",", null: "", columns: {region: string, observed_at: timestamp, available_at: timestamp, load: number}}
                key: [region, observed_at]
                event-time: observed_at
                known-at: available_at

            predict: {from: parcels, label: late, ahead: 1h}

            contract:
              parcels:         {unique: true, min-rows: 10}
              parcels.region:  {type: string, required: true, one-of: [north, south, west]}
              parcels.plan:    {type: string, required: true, known-values: true}
              roads.load:      {type: number, min: 0, max: 1, on-breach: quarantine}
              roads:           {fresh-within: 6h, on-breach: exclude-day}

            features:
              columns: [region, plan, weight, hour]
              latest:
                - {columns: [load], from: roads, by: region, max-age: 6h}
              windows:
                - {as: region_late_3d, share: late, from: parcels, by: region, over: {days: 3, published: "06:00"}, prior: {value: 0.3, weight: 20}}

            train:
              trainer: gradient-boosting
              parameters: {trees: 20, leaves: 7, learning-rate: 0.2, min-child-weight: 5, l2: 5}
              rows: all
              seed: 1

            gates:
              holdout: 9d
              cluster: day
              label-coverage: 0.8
              require:
                - {metric: roc_auc, at-least: 0.6}
                - {metric: log_loss, better-than: champion, confidence: 0.9}
                - {metric: roc_auc, review-above: {champion-plus: 0.9}}
                - {cost: cpu-per-row, at-most: 5ms}

            rollout:
              shadow: {days: 3}
              canary: [{share: 0.50, days: 5}]
              stop-on: {score-shift: {psi: 10.0}, harm: {metric: log_loss, margin: 0.0}, errors: {share: 0.01}}
              keep-warm: 7d

            monitor:
              atom: 1d
              drift: {window: 14d, tolerance: {psi: 0.1}, season: 365d}
              performance: {window: 9d, metric: log_loss, not-worse-than: {first-evaluation-plus: 0.03}}
              skew-every: 7d

            retrain:
              schedule: monday 06:00
              cool-down: 5d
              breaker: {rejections-of-triggered-attempts: 3}
            """;

    private final Path folder;
    private final String text;

    private Parcels(Path folder, String text) {
        this.folder = folder;
        this.text = text;
    }

    /** Writes the files of this world. */
    static Parcels in(Path folder) throws IOException {
        return in(folder, LIFECYCLE, day -> true, day -> true);
    }

    /** The lifecycle file of this world, to be changed by a test. */
    static String lifecycle() {
        return LIFECYCLE;
    }

    /**
     * Writes a world that lacks something.
     *
     * @param rows of which days there are any
     * @param labels of which days ever become known
     */
    static Parcels in(Path folder, String text, Predicate<LocalDate> rows, Predicate<LocalDate> labels)
            throws IOException {
        Files.createDirectories(folder);
        SplittableRandom random = new SplittableRandom(4711);
        StringBuilder parcels = new StringBuilder("parcel_id,event_time,label_time,region,plan,weight,hour,late\n");
        StringBuilder roads = new StringBuilder("region,observed_at,available_at,load\n");
        double[][] load = new double[DAYS * 24][REGIONS.length];
        Instant start = FIRST.atStartOfDay(ZONE).toInstant();
        for (int hour = 0; hour < load.length; hour++) {
            for (int region = 0; region < REGIONS.length; region++) {
                load[hour][region] = random.nextInt(1000) / 1000.0;
                Instant observed = start.plus(Duration.ofHours(hour));
                if (observed.isBefore(ROADS_SILENT.atStartOfDay(ZONE).toInstant())) {
                    line(roads, REGIONS[region], observed, observed.plus(Duration.ofMinutes(20)), load[hour][region]);
                }
            }
        }
        for (int day = 0; day < DAYS; day++) {
            for (int i = 0; i < PARCELS_A_DAY; i++) {
                LocalDate date = FIRST.plusDays(day);
                Instant event = date.atTime(LocalTime.of(7 + i * 12 / PARCELS_A_DAY, i * 12 * 60 / PARCELS_A_DAY % 60))
                        .atZone(ZONE)
                        .toInstant();
                int region = random.nextInt(REGIONS.length);
                boolean newPlan = !date.isBefore(NEW_PLAN);
                double weight = random.nextInt(-1000, 1001) / 1000.0;
                int hour = (int) Duration.between(start, event).toHours();
                double logit = (newPlan ? 0.1 : -0.9)
                        + (newPlan ? 1.5 : 2.5) * weight
                        + REGION_EFFECT[region]
                        + load[hour][region];
                int late = random.nextDouble() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
                if (!rows.test(date)) {
                    continue;
                }
                boolean known = labels.test(date);
                line(
                        parcels,
                        date + "-" + i,
                        event,
                        known ? event.plus(Duration.ofHours(6)) : "",
                        REGIONS[region],
                        newPlan ? "b" : "a",
                        weight,
                        event.atZone(ZONE).getHour(),
                        known ? late : "");
            }
        }
        Files.writeString(folder.resolve("parcels.csv"), parcels);
        Files.writeString(folder.resolve("roads.csv"), roads);
        Files.writeString(folder.resolve("lifecycle.yaml"), text);
        return new Parcels(folder, text);
    }

    private static void line(StringBuilder out, Object... values) {
        for (int i = 0; i < values.length; i++) {
            out.append(i == 0 ? "" : ",").append(values[i]);
        }
        out.append('\n');
    }

    String text() {
        return text;
    }

    Path path() {
        return folder.resolve("lifecycle.yaml");
    }

    /** Milliseconds of the publication hour of a day. */
    static long six(LocalDate day) {
        return day.atTime(6, 0).atZone(ZONE).toInstant().toEpochMilli();
    }

    /** The body that applies the file in the scope of a replay whose clock somebody else moves, or nobody. */
    ObjectNode apply(String scope, LocalDate day) {
        return Json.object()
                .put("text", text())
                .put("path", path().toString())
                .put("as", scope)
                .put("replayClock", six(day));
    }

    /** The body that begins a replay of the ten weeks. */
    ObjectNode replay(String name, LocalDate to, LocalDate... stops) {
        ObjectNode body = Json.object()
                .put("name", name)
                .put("text", text())
                .put("path", path().toString())
                .put("from", six(REPLAY_FROM))
                .put("to", six(to));
        for (LocalDate stop : stops) {
            body.withArray("stops").add(six(stop));
        }
        return body;
    }
}
