package dev.perennial.lifecycle.file;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.lifecycle.file.Gates.Gate;
import dev.perennial.lifecycle.file.Monitor.Drift;
import dev.perennial.lifecycle.file.Monitor.Performance;
import dev.perennial.lifecycle.file.Rollout.Canary;
import dev.perennial.lifecycle.file.Rollout.StopOn;
import dev.perennial.lifecycle.file.Value.Named;
import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads what happens to a model: training, gates, rollout, monitors, retraining. */
final class Operations {
    private static final List<String> MONITORS = List.of("performance", "drift");
    private static final long YEAR_MILLIS = 366 * Quantity.MILLIS_PER_DAY;

    private final GateRules gateRules = new GateRules();

    /** Columns that gates slice by. */
    List<Named> slices() {
        return gateRules.slices();
    }

    Train train(Value value) {
        Section section = value.section(Keys.TRAIN);
        String which = section.exactlyOne(List.of("trainer", "command"));
        List<String> command = null;
        String trainer = "command";
        if ("command".equals(which)) {
            command = section.get("command").texts();
            if (command.isEmpty() && section.get("command").isList()) {
                section.get("command").wrong("the command is empty", "name a program and its arguments");
            }
        } else {
            trainer = section.get("trainer").choice(List.of("gradient-boosting"), "gradient-boosting");
        }
        Map<String, JsonNode> parameters = new LinkedHashMap<>();
        for (Section.Entry entry : section.get("parameters").section(null).entries()) {
            entry.value().json().ifPresent(json -> parameters.put(entry.name(), json));
        }
        Value rows = section.need("rows");
        Integer rowsDays = rows.isScalar() && rows.raw("").equals("all") ? null : rows(rows);
        return new Train(
                trainer,
                parameters,
                command,
                rowsDays,
                section.need("seed").integer(0, Long.MAX_VALUE, 0),
                section.get("label-noise").number(0, 0.5, 0));
    }

    private static @Nullable Integer rows(Value value) {
        if (value.isScalar() && Quantity.micros(value.raw("")).isEmpty()) {
            value.wrong(
                    "'" + value.raw("") + "' is neither 'all' nor a number of days",
                    "write rows: all, or the newest days: rows: 90d");
            return null;
        }
        return value.present() ? value.days(1, 3660, 1) : null;
    }

    Gates gates(Value value) {
        Section section = value.section(Keys.GATES);
        int holdout = section.need("holdout").days(1, 366, 1);
        String cluster = section.need("cluster").choice(List.of("day", "none"), "day");
        double coverage = section.need("label-coverage").share(0);
        Value require = section.need("require");
        List<Gate> gates = new ArrayList<>();
        Set<String> ids = new TreeSet<>();
        for (Value item : require.items()) {
            gateRules.read(item).ifPresent(gate -> {
                gates.add(gate);
                if (!ids.add(gate.id())) {
                    item.wrong(
                            "a second gate says '" + gate.id() + "'",
                            "keep one of the two; their verdicts have the same name");
                }
            });
        }
        if (require.isList() && require.items().isEmpty()) {
            require.wrong(
                    "no gate is required, so that any candidate would pass", "add " + Keys.GATES.example("require"));
        }
        return new Gates(holdout, cluster, coverage, gates);
    }

    Rollout rollout(Value value) {
        Section section = value.section(Keys.ROLLOUT);
        Section shadow = section.get("shadow").section(Keys.SHADOW);
        int shadowDays = shadow.present() ? (int) shadow.need("days").integer(0, 366, 0) : 0;
        List<Canary> canary = new ArrayList<>();
        double before = 0;
        for (Value item : section.get("canary").items()) {
            Section step = item.section(Keys.CANARY);
            Value shareValue = step.need("share");
            double share = shareValue.number(0, 1, 0.5);
            if (shareValue.present() && (share == 0 || share == 1)) {
                shareValue.wrong(
                        "a canary takes a share between 0 and 1, not " + share,
                        "use shadow for no traffic; all traffic comes by itself after the last step");
            } else if (step.has("share") && share <= before) {
                shareValue.wrong(
                        "the share " + share + " is not above the step before (" + before + ")", "let the shares grow");
            }
            before = Math.max(before, share);
            canary.add(new Canary(share, (int) step.need("days").integer(1, 366, 1)));
        }
        return new Rollout(
                shadowDays,
                canary,
                stopOn(section.need("stop-on")),
                section.need("keep-warm").millis(0, YEAR_MILLIS, 0));
    }

    private static StopOn stopOn(Value value) {
        Section section = value.section(Keys.STOP_ON);
        Section shift = section.need("score-shift").section(Keys.SCORE_SHIFT);
        Section harm = section.need("harm").section(Keys.HARM);
        Section errors = section.need("errors").section(Keys.ERRORS);
        Section latency = section.get("latency").section(Keys.LATENCY);
        return new StopOn(
                shift.need("psi").number(0.001, 100, 1),
                harm.need("metric").choice(GateRules.LOSSES, "log_loss"),
                harm.need("margin").number(0, 100, 0),
                errors.need("share").share(0),
                latency.present() ? (Double) latency.need("ratio").number(1, 100, 1) : null);
    }

    Monitor monitor(Value value) {
        Section section = value.section(Keys.MONITOR);
        Value atom = section.get("atom");
        if (atom.present() && atom.days(1, 366, 1) != 1) {
            atom.wrong(
                    "an atom of " + atom.raw("") + " is not supported",
                    "atoms are local days: write atom: 1d, or leave it out");
        }
        Section drift = section.need("drift").section(Keys.DRIFT);
        Section performance = section.need("performance").section(Keys.PERFORMANCE);
        Value skewEvery = section.get("skew-every");
        return new Monitor(
                new Drift(
                        drift.need("window").days(1, 366, 1),
                        drift.need("tolerance")
                                .section(Keys.TOLERANCE)
                                .need("psi")
                                .number(0.001, 100, 1),
                        drift.need("season").days(1, 3660, 1)),
                new Performance(
                        performance.need("window").days(1, 366, 1),
                        performance.need("metric").choice(GateRules.LOSSES, "log_loss"),
                        performance
                                .need("not-worse-than")
                                .section(Keys.NOT_WORSE)
                                .need("first-evaluation-plus")
                                .number(0, 100, 0)),
                skewEvery.present() ? skewEvery.days(1, 366, 1) : 1);
    }

    Retrain retrain(Value value) {
        Section section = value.section(Keys.RETRAIN);
        Value schedule = section.need("schedule");
        String text = schedule.text("daily 06:00");
        String[] parts = text.split(" ", -1);
        DayOfWeek weekday = null;
        String time = "06:00";
        List<String> days = new ArrayList<>(List.of("daily"));
        Arrays.stream(DayOfWeek.values()).forEach(day -> days.add(day.name().toLowerCase(Locale.ROOT)));
        if (parts.length != 2 || !days.contains(parts[0]) || !parts[1].matches("([01]\\d|2[0-3]):[0-5]\\d")) {
            schedule.wrong(
                    "'" + text + "' is no schedule",
                    "write a weekday or 'daily' and a local time, for example " + Keys.RETRAIN.example("schedule"));
        } else {
            weekday = parts[0].equals("daily") ? null : DayOfWeek.valueOf(parts[0].toUpperCase(Locale.ROOT));
            time = parts[1];
        }
        List<String> alsoOn = new ArrayList<>();
        for (Value item : section.get("also-on").items()) {
            alsoOn.add(item.choice(MONITORS, "performance"));
        }
        boolean triggered = !alsoOn.isEmpty();
        Value coolDown = triggered ? section.need("cool-down") : section.get("cool-down");
        Value breaker = triggered ? section.need("breaker") : section.get("breaker");
        Section breakerSection = breaker.section(Keys.BREAKER);
        long rejections = breakerSection.present()
                ? breakerSection.need("rejections-of-triggered-attempts").integer(1, 1000, 1)
                : 3;
        return new Retrain(weekday, time, alsoOn, coolDown.millis(0, YEAR_MILLIS, 0), (int) rejections);
    }
}
