package dev.perennial.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.Rollout.StopOn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How somebody wants a rollout of an endpoint without labels: steps by time and rows, and what stops it.
 *
 * @param steps in order; a share of 0 is the shadow
 * @param guards null for all of them with their defaults
 * @param block minutes of a block; null for one minute, or more where the plan would have more than {@link #BLOCKS_USUAL}
 */
public record BlockSpec(
        List<Step> steps, @Nullable Guards guards, @Nullable Integer block) {
    static final int STEPS_MAX = 20;
    static final int MINUTES_MAX = 43_200;
    static final int BLOCKS_USUAL = 480;
    private static final int ROWS_MAX = 1_000_000_000;
    private static final double USUAL_ERRORS = 0.01;
    private static final int PERIOD_MIN = 60;
    private static final int PERIOD_MAX = 1_440;
    private static final Pattern STEP =
            Pattern.compile("(shadow|(\\d+(?:\\.\\d+)?) ?%) +(\\d{1,6}) ?(m|min|h|d)(?: +(\\d{1,9}) rows)?");

    /**
     * @param share of the traffic, 0 to 1
     * @param minutes that it lasts
     * @param rows that it needs at least; null for the usual ones
     */
    public record Step(double share, int minutes, @Nullable Integer rows) {}

    /**
     * What is tolerated; a guard that is null is off.
     *
     * @param score population stability index of the candidate's scores against the champion's on the same rows
     * @param errors share of failed calls
     * @param latency ratio of its typical compute time to the control's
     */
    public record Guards(
            @Nullable Double score,
            @Nullable Double errors,
            @Nullable Double latency) {
        public static final Guards DEFAULT = new Guards(0.25, USUAL_ERRORS, 1.2);

        /** Time and rows alone decide. */
        public static final Guards NONE = new Guards(null, null, null);
    }

    public BlockSpec {
        steps = List.copyOf(steps);
        check(!steps.isEmpty() && steps.size() <= STEPS_MAX, "steps", "a rollout has 1 to " + STEPS_MAX + " steps");
        double before = -1;
        for (Step step : steps) {
            check(
                    step.share() >= 0 && step.share() < 1 && step.share() > before,
                    "steps.share",
                    "shares lie from 0 (the shadow) to under 1 and grow from step to step, got " + step.share());
            check(
                    step.minutes() >= 1 && step.minutes() <= MINUTES_MAX,
                    "steps.minutes",
                    "a step lasts 1 to " + MINUTES_MAX + " minutes, got " + step.minutes());
            check(
                    step.rows() == null || step.rows() >= 0 && step.rows() <= ROWS_MAX,
                    "steps.rows",
                    "a step needs 0 to 1,000,000,000 rows, got " + step.rows());
            before = step.share();
        }
        check(block == null || block >= 1 && block <= PERIOD_MAX, "block", "a block has 1 to 1440 minutes");
        check(
                guards == null || tolerances(guards),
                "guards",
                "what a guard tolerates is a number above 0"
                        + " (errors under 1, latency 1 or more); null switches it off");
    }

    /**
     * Reads {@code {"steps":[{"share":0.1,"minutes":30,"rows":500}], "guards":{"latency":1.5,"score":null}, "block":1}}; in place of the steps a
     * {@code plan} in words. A guard that is not named keeps its default, null switches it off.
     *
     * @throws PerennialException naming the member that is wrong
     */
    public static BlockSpec of(JsonNode body) {
        boolean words = body.hasNonNull("plan");
        check(
                words != body.hasNonNull("steps"),
                "steps",
                "a rollout needs either 'steps', a list of {share, minutes, rows}, or 'plan', such as"
                        + " 'shadow 10m, 10% 30m, 50% 1h'");
        known(body, "plan", "steps", "guards", "block", "version", "by", "reason");
        List<Step> steps = words ? parse(text(body)).steps() : steps(body.get("steps"));
        JsonNode block = body.path("block");
        check(block.isMissingNode() || block.isNull() || block.isInt(), "block", "'block' must be whole minutes");
        return new BlockSpec(steps, guards(body.path("guards")), block.isInt() ? block.asInt() : null);
    }

    private static String text(JsonNode body) {
        check(body.get("plan").isTextual(), "plan", "'plan' must be a text such as 'shadow 10m, 10% 30m, 50% 1h'");
        return body.get("plan").asText();
    }

    private static List<Step> steps(JsonNode list) {
        check(list.isArray(), "steps", "'steps' must be a list of {share, minutes, rows}");
        List<Step> steps = new ArrayList<>();
        for (JsonNode one : list) {
            check(
                    one.isObject()
                            && one.path("share").isNumber()
                            && one.path("minutes").isInt()
                            && (!one.hasNonNull("rows") || one.get("rows").isInt()),
                    "steps",
                    "a step is {share: 0 to 1, minutes: whole number, rows: whole number}, got " + one);
            known(one, "share", "minutes", "rows");
            Integer rows = one.hasNonNull("rows") ? (Integer) one.get("rows").asInt() : null;
            steps.add(new Step(one.get("share").asDouble(), one.get("minutes").asInt(), rows));
        }
        return steps;
    }

    private static @Nullable Guards guards(JsonNode named) {
        if (named.isMissingNode() || named.isNull()) {
            return null;
        }
        check(named.isObject(), "guards", "'guards' must be an object of score, errors and latency");
        known(named, "score", "errors", "latency");
        return new Guards(
                tolerance(named, "score", Guards.DEFAULT.score()),
                tolerance(named, "errors", Guards.DEFAULT.errors()),
                tolerance(named, "latency", Guards.DEFAULT.latency()));
    }

    private static @Nullable Double tolerance(JsonNode guards, String name, @Nullable Double usual) {
        JsonNode value = guards.path(name);
        check(
                value.isMissingNode() || value.isNull() || value.isNumber(),
                "guards." + name,
                "what the guard on " + name + " tolerates must be a number, or null to switch it off");
        if (value.isMissingNode()) {
            return usual;
        }
        return value.isNull() ? null : (Double) value.asDouble();
    }

    private static void known(JsonNode object, String... names) {
        object.fieldNames()
                .forEachRemaining(name -> check(
                        List.of(names).contains(name),
                        name,
                        "'" + name + "' is not one of " + String.join(", ", names)));
    }

    /**
     * Reads {@code shadow 10m, 10% 30m, 50% 1h 500 rows}.
     *
     * @throws PerennialException when it is written otherwise
     */
    public static BlockSpec parse(String text) {
        List<Step> steps = new ArrayList<>();
        for (String part : text.toLowerCase(Locale.ROOT).strip().split(" *, *", -1)) {
            Matcher step = STEP.matcher(part);
            check(
                    step.matches(),
                    "rollout",
                    "'" + part + "' is no step of a rollout; write for example 'shadow 10m, 10% 30m, 50% 1h 500 rows'");
            String share = step.group(2);
            String rows = step.group(5);
            long minutes = Long.parseLong(step.group(3)) * minutes(step.group(4));
            steps.add(new Step(
                    share == null ? 0 : Double.parseDouble(share) / 100,
                    (int) Math.min(Integer.MAX_VALUE, minutes),
                    rows == null ? null : Integer.valueOf(rows)));
        }
        return new BlockSpec(steps, null, null);
    }

    private static int minutes(String unit) {
        return switch (unit) {
            case "h" -> 60;
            case "d" -> 1_440;
            default -> 1;
        };
    }

    /** Minutes of all steps. */
    public int minutes() {
        return steps.stream().mapToInt(Step::minutes).sum();
    }

    private int blockMinutes() {
        return block != null ? block : Math.max(1, Math.min(PERIOD_MAX, Math.ceilDiv(minutes(), BLOCKS_USUAL)));
    }

    /** How long a stretch of earlier traffic is that teaches how much groups of callers differ: as long as the rollout, an hour to a day. */
    public Duration period() {
        int minutes = Math.clamp(minutes(), PERIOD_MIN, PERIOD_MAX);
        return Duration.ofMinutes((long) Math.ceilDiv(minutes, blockMinutes()) * blockMinutes());
    }

    /** What the rollout is judged by. */
    public RolloutPlan plan() {
        Guards wanted = guards == null ? Guards.DEFAULT : guards;
        int minutes = blockMinutes();
        List<RolloutStep> planned = steps.stream()
                .map(step -> new RolloutStep(
                        step.share() == 0,
                        step.share(),
                        0,
                        Math.ceilDiv(step.minutes(), minutes),
                        step.rows() == null ? 0 : step.rows()))
                .toList();
        List<String> off = new ArrayList<>();
        if (wanted.score() == null) {
            off.add(Guard.SCORE.title());
        }
        if (wanted.errors() == null) {
            off.add(Guard.ERRORS.title());
        }
        StopOn stopOn = new StopOn(
                wanted.score() == null ? 0 : wanted.score(),
                RolloutPlan.NO_LABELS,
                0,
                wanted.errors() == null ? 1 : wanted.errors());
        return new RolloutPlan(
                planned, stopOn, Pace.blocks(Duration.ofMinutes(minutes)), wanted.latency(), false, List.copyOf(off));
    }

    /**
     * The share of failed calls of which many times as much is gross failure. Where nobody asked for the guard on them it is the usual one:
     * whatever guards are off, a version that fails grossly is taken out.
     */
    public double grosslyOver() {
        Double tolerated = guards == null ? Guards.DEFAULT.errors() : guards.errors();
        return tolerated == null ? USUAL_ERRORS : tolerated;
    }

    private static boolean tolerances(Guards guards) {
        return Arrays.asList(guards.score(), guards.errors(), guards.latency()).stream()
                        .allMatch(one -> one == null || one > 0 && Double.isFinite(one))
                && (guards.errors() == null || guards.errors() < 1)
                && (guards.latency() == null || guards.latency() >= 1);
    }

    private static void check(boolean holds, String field, String message) {
        if (!holds) {
            throw PerennialException.invalid(field, message);
        }
    }
}
