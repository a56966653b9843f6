package dev.perennial.lifecycle.file;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The keys that each part of a file may have, with an example of each: the only list of them, from which advice is made. */
enum Keys {
    ROOT(
            "perennial: v1",
            "model: flight-delay",
            "title: Will this departure be late?",
            "owner: flight-operations",
            "risk: limited",
            "time-zone: America/New_York",
            "sources: {flights: {path: data/flights.parquet, ...}}",
            "predict: {label: late, ahead: 2h}",
            "contract: {flights.distance_mi: {type: integer}}",
            "features: {columns: [carrier]}",
            "train: {trainer: gradient-boosting, rows: all, seed: 1}",
            "gates: {holdout: 14d, cluster: day, label-coverage: 0.8, require: [...]}",
            "rollout: {shadow: {days: 2}, canary: [...], stop-on: {...}, keep-warm: 7d}",
            "monitor: {atom: 1d, drift: {...}, performance: {...}}",
            "retrain: {schedule: monday 06:00}"),
    SOURCE(
            "path: data/flights.parquet",
            "csv: {delimiter: \",\", null: NA, columns: {flight_id: string}}",
            "key: [flight_id]",
            "event-time: event_time",
            "sample: {by: flight_id, one-in: 4}",
            "known-ahead: [carrier, origin]",
            "known-at: {late: label_time}"),
    CSV("delimiter: \",\"", "null: NA", "columns: {flight_id: string}"),
    SAMPLE("by: flight_id", "one-in: 4"),
    KNOWN_AT("time: event_time", "plus-minutes: dep_delay_min", "plus: 10m", "minus: 1d"),
    PREDICT("from: flights", "label: late", "ahead: 2h"),
    SOURCE_RULE("unique: true", "min-rows: 100", "fresh-within: 6h", "on-breach: exclude-day"),
    COLUMN_RULE(
            "type: number",
            "unit: mile",
            "min: 0",
            "max: 150",
            "required: true",
            "max-missing-share: 0.05",
            "one-of: [EWR, JFK, LGA]",
            "known-values: true",
            "on-breach: quarantine"),
    FEATURES(
            "columns: [carrier, origin]",
            "sums: [{as: minute_of_day, of: {local_hour: 60, local_minute: 1}}]",
            "latest: [{columns: [temp_f], from: weather, by: origin, max-age: 6h}]",
            "windows: [{as: late_7d, share: late, from: flights, by: origin, over: {days: 7, published: \"06:00\"}}]"),
    SUM("as: minute_of_day", "of: {local_hour: 60, local_minute: 1}"),
    LATEST(
            "columns: [temp_f, wind_speed_mph]",
            "column: dep_delay_min",
            "as: prev_dep_delay",
            "from: weather",
            "by: origin",
            "max-age: 6h",
            "when-null: {wind_gust_mph: 0}"),
    WINDOW(
            "as: origin_late_7d",
            "share: late",
            "mean: dep_delay_min",
            "from: flights",
            "by: origin",
            "over: 2h",
            "prior: {value: 0.24, weight: 20}",
            "clip: [-10, 180]",
            "at-least: 3"),
    DAYS("days: 7", "published: \"06:00\""),
    PRIOR("value: 0.24", "weight: 20"),
    TRAIN(
            "trainer: gradient-boosting",
            "command: [python3, train.py]",
            "parameters: {trees: 100, leaves: 15, learning-rate: 0.1}",
            "rows: all",
            "seed: 1",
            "label-noise: 0"),
    GATES(
            "holdout: 14d",
            "cluster: day",
            "label-coverage: 0.8",
            "require: [{metric: log_loss, better-than: champion, confidence: 0.95}]"),
    GATE(
            "metric: log_loss",
            "cost: cpu-per-row",
            "at-least: 0.62",
            "at-most: 50us",
            "better-than: champion",
            "not-worse-than: champion",
            "review-above: {champion-plus: 0.05}",
            "confidence: 0.95",
            "margin: 0.03",
            "each: origin"),
    REVIEW("champion-plus: 0.05"),
    ROLLOUT(
            "shadow: {days: 2}",
            "canary: [{share: 0.10, days: 3}]",
            "stop-on: {score-shift: {psi: 0.25}, harm: {metric: log_loss, margin: 0.0}, errors: {share: 0.01}}",
            "keep-warm: 7d"),
    SHADOW("days: 2"),
    CANARY("share: 0.10", "days: 3"),
    STOP_ON(
            "score-shift: {psi: 0.25}",
            "harm: {metric: log_loss, margin: 0.0}",
            "errors: {share: 0.01}",
            "latency: {ratio: 1.2}"),
    SCORE_SHIFT("psi: 0.25"),
    HARM("metric: log_loss", "margin: 0.0"),
    ERRORS("share: 0.01"),
    LATENCY("ratio: 1.2"),
    MONITOR(
            "atom: 1d",
            "drift: {window: 28d, tolerance: {psi: 0.1}, season: 365d}",
            "performance: {window: 14d, metric: log_loss, not-worse-than: {first-evaluation-plus: 0.03}}",
            "skew-every: 1d"),
    DRIFT("window: 28d", "tolerance: {psi: 0.1}", "season: 365d"),
    TOLERANCE("psi: 0.1"),
    PERFORMANCE("window: 14d", "metric: log_loss", "not-worse-than: {first-evaluation-plus: 0.03}"),
    NOT_WORSE("first-evaluation-plus: 0.03"),
    RETRAIN(
            "schedule: monday 06:00",
            "also-on: [performance]",
            "cool-down: 5d",
            "breaker: {rejections-of-triggered-attempts: 3}"),
    BREAKER("rejections-of-triggered-attempts: 3");

    private final Map<String, String> examples = new LinkedHashMap<>();

    Keys(String... examples) {
        for (String example : examples) {
            this.examples.put(example.substring(0, example.indexOf(':')), example);
        }
    }

    List<String> names() {
        return List.copyOf(examples.keySet());
    }

    boolean has(String key) {
        return examples.containsKey(key);
    }

    /** A line as it could stand in a file. */
    String example(String key) {
        return examples.getOrDefault(key, key + ": ...");
    }
}
