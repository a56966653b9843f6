package dev.perennial.monitoring;

import dev.perennial.kernel.ModelId;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.predictionlog.Segment;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;

/** Looks at a model's closed days: drift, harm, findings, alerts. */
public final class Monitoring {
    private final Database database;
    private final DayBook days;

    public Monitoring(Database database, DayBook days) {
        this.database = database;
        this.days = days;
    }

    /** @param raised monitors whose alert was raised at this tick: {@code performance}, {@code drift} */
    public record Look(Set<String> raised, List<String> notes) {}

    /** Adds what a newly delivered segment tells to the state of its days, in the transaction that takes it in. */
    public void observe(Transaction tx, Segment segment) {}

    /** Looks at the days up to the one before {@code today}. Looking twice at one tick changes nothing. */
    public Look look(ModelId model, LifecycleFile file, LocalDate first, LocalDate today, long at) {
        return new Look(Set.of(), List.of());
    }
}
