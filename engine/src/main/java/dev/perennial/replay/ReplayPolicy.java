package dev.perennial.replay;

import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.ModelCalendar;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a replay does about retraining. */
public sealed interface ReplayPolicy {
    /** What {@link #of} takes, for people. */
    String ALLOWED =
            "'file' (what the lifecycle file says), 'never', or a blind schedule: 'monthly' or 'weekly', then 'last 30d' (or"
                    + " another number of days) or 'all', then 'no gates', for example 'monthly, last 30d, no gates'";

    /** The lifecycle file's own policy, played over HTTP. */
    record AsFiled() implements ReplayPolicy {}

    /** The first version serves to the end; played over HTTP. */
    record Never() implements ReplayPolicy {}

    /**
     * A model of the newest days is put live unseen on a schedule; computed offline, because nothing depends on traffic.
     *
     * @param days newest days that each model is trained on; null for all
     */
    record Blind(Cadence cadence, @Nullable Integer days) implements ReplayPolicy {
        private static final Pattern FORM =
                Pattern.compile("(monthly|weekly)\\s*,\\s*(?:last\\s+([1-9]\\d{0,3})\\s*d|all)\\s*,\\s*no\\s+gates");

        /** As a person would write it. */
        @Override
        public String text() {
            return cadence.name().toLowerCase(Locale.ROOT) + ", " + (days == null ? "all" : "last " + days + "d")
                    + ", no gates";
        }

        /** When a model is trained and put live: publication hours after {@code from} and before {@code to}. */
        public List<Long> times(LifecycleFile file, long from, long to) {
            ModelCalendar calendar = file.calendar();
            DayOfWeek weekday = file.retrain().weekday() == null
                    ? DayOfWeek.MONDAY
                    : file.retrain().weekday();
            List<Long> times = new ArrayList<>();
            LocalDate day = cadence.first(calendar.day(from), weekday);
            for (long at = six(calendar, day); at < to; at = six(calendar, day)) {
                if (at > from) {
                    times.add(at);
                }
                day = cadence == Cadence.MONTHLY ? day.plusMonths(1) : day.plusWeeks(1);
            }
            return times;
        }

        private static long six(ModelCalendar calendar, LocalDate day) {
            return calendar.published(day.minusDays(1));
        }
    }

    /** How often a blind schedule trains. */
    enum Cadence {
        /** On the first of each month. */
        MONTHLY,
        /** On the weekday of the file's schedule, on Mondays where it has none. */
        WEEKLY;

        private LocalDate first(LocalDate from, DayOfWeek weekday) {
            return this == MONTHLY ? from.withDayOfMonth(1) : from.with(TemporalAdjusters.previousOrSame(weekday));
        }
    }

    /** As a person would write it. */
    default String text() {
        return switch (this) {
            case AsFiled _ -> "file";
            case Never _ -> "never";
            case Blind blind -> blind.text();
        };
    }

    /** Reads a policy's words; anything else is refused with what is allowed. */
    static ReplayPolicy of(String text) {
        String words = text.strip().toLowerCase(Locale.ROOT);
        if (words.equals("file")) {
            return new AsFiled();
        }
        if (words.equals("never")) {
            return new Never();
        }
        Matcher blind = Blind.FORM.matcher(words);
        if (blind.matches()) {
            return new Blind(
                    Cadence.valueOf(blind.group(1).toUpperCase(Locale.ROOT)),
                    blind.group(2) == null ? null : Integer.valueOf(blind.group(2)));
        }
        throw PerennialException.invalid("policy", "policy '" + text + "' is not understood; allowed are " + ALLOWED);
    }
}
