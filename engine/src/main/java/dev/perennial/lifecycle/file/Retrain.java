package dev.perennial.lifecycle.file;

import java.time.DayOfWeek;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When a new candidate is tried.
 *
 * @param weekday null for every day
 * @param time local time of day, {@code 06:00}
 * @param alsoOn monitors whose alert asks for a candidate: {@code performance}, {@code drift}
 * @param coolDownMillis least time between two candidates that an alert asked for
 * @param breakerRejections so many refused candidates in a row, asked for by alerts, stop further asking until a person resumes
 */
public record Retrain(
        @Nullable DayOfWeek weekday, String time, List<String> alsoOn, long coolDownMillis, int breakerRejections) {
    public Retrain {
        alsoOn = List.copyOf(alsoOn);
    }
}
