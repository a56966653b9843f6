package dev.perennial.tracking;

import dev.perennial.kernel.PerennialException;
import java.util.Arrays;
import java.util.regex.Pattern;

/** The rules for names and the lengths of values; keys that are too long are refused, values are cut. Lengths count characters. */
public final class Names {
    static final int KEY_MAX = 250;
    static final int PARAM_VALUE_MAX = 6000;
    static final int RUN_TAG_VALUE_MAX = 8000;
    static final int EXPERIMENT_TAG_VALUE_MAX = 5000;
    static final int EXPERIMENT_NAME_MAX = 500;
    public static final int MODEL_NAME_MAX = 500;
    static final int ARTIFACT_LOCATION_MAX = 2048;

    private static final Pattern KEY = Pattern.compile("[/\\w.\\- :]+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern MODEL_ID = Pattern.compile("[a-zA-Z0-9][\\w-]{0,255}");
    private static final int SHOWN_MAX = 80;

    private Names() {}

    /** The name of a metric, parameter or tag: also a path in normal form. */
    public static void key(String field, String key) {
        if (plain(key)) {
            return;
        }
        if (key.codePointCount(0, key.length()) > KEY_MAX) {
            throw PerennialException.invalid(
                    field,
                    "'" + field + "' '" + shown(key) + "' exceeds the maximum length of " + KEY_MAX + " characters");
        }
        if (!KEY.matcher(key).matches() || !normalPath(key)) {
            throw PerennialException.invalid(
                    field,
                    "Invalid value '" + shown(key) + "' for parameter '" + field
                            + "' supplied: names may hold letters, digits,"
                            + " underscores, dashes, periods, spaces, colons and slashes, and must be a path without empty, '.' or"
                            + " '..' segments");
        }
    }

    /** Most keys are short words, which need no closer look. */
    private static boolean plain(String key) {
        if (key.isEmpty() || key.length() > KEY_MAX) {
            return false;
        }
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            boolean word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
            if (!word) {
                return false;
            }
        }
        return true;
    }

    private static boolean normalPath(String key) {
        return Arrays.stream(key.split("/", -1))
                        .noneMatch(segment -> segment.isEmpty() || segment.equals(".") || segment.equals(".."))
                && !key.startsWith("..");
    }

    /** A metric of a batch, by its place there. */
    static void metric(int place, Metric metric) {
        if (metric.at() >= 0 && metric.origin() == null && plain(metric.key())) {
            return;
        }
        String field = "metrics[" + place + "]";
        if (metric.origin() != null) {
            origin(field, metric.origin());
        }
        key(field + ".key", metric.key());
        if (metric.at() < 0) {
            throw PerennialException.invalid(
                    field + ".timestamp",
                    "Invalid value " + metric.at() + " for parameter '" + field
                            + ".timestamp' supplied: expected milliseconds since 1970, 0 or more");
        }
    }

    private static void origin(String field, MetricOrigin origin) {
        if (origin.model() != null) {
            modelId(field + ".model_id", origin.model());
        }
        if (origin.datasetName() != null) {
            atMost(field + ".dataset_name", origin.datasetName(), DatasetRows.NAME_MAX);
        }
        if (origin.datasetDigest() != null) {
            atMost(field + ".dataset_digest", origin.datasetDigest(), DatasetRows.DIGEST_MAX);
        }
    }

    /** The parameter as it is kept. */
    public static KeyValue param(KeyValue param) {
        return new KeyValue(param.key(), cut(param.value(), PARAM_VALUE_MAX));
    }

    static void modelId(String field, String model) {
        if (!MODEL_ID.matcher(model).matches()) {
            throw PerennialException.invalid(
                    field,
                    "Invalid value '" + shown(model) + "' for parameter '" + field
                            + "' supplied: expected letters, digits, '_' and '-'");
        }
    }

    /** The tag of a run or a logged model as it is kept. */
    public static KeyValue runTag(KeyValue tag) {
        return new KeyValue(tag.key(), cut(tag.value(), RUN_TAG_VALUE_MAX));
    }

    public static void atMost(String field, String value, int max) {
        if (value.codePointCount(0, value.length()) > max) {
            throw PerennialException.invalid(
                    field,
                    "'" + field + "' '" + shown(value) + "' exceeds the maximum length of " + max + " characters");
        }
    }

    private static String cut(String value, int max) {
        return value.length() <= max || value.codePointCount(0, value.length()) <= max
                ? value
                : value.substring(0, value.offsetByCodePoints(0, max));
    }

    private static String shown(String text) {
        return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "...";
    }
}
