package dev.perennial.monitoring;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.lifecycle.file.ContractRule;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.monitoring.alerts.AlertBoard;
import dev.perennial.monitoring.alerts.Signal;
import dev.perennial.monitoring.alerts.SignalKind;
import dev.perennial.monitoring.alerts.Signals;
import dev.perennial.monitoring.atoms.ColumnAtom;
import dev.perennial.monitoring.atoms.ContractFinding;
import dev.perennial.monitoring.atoms.ContractFindings;
import dev.perennial.monitoring.atoms.DriftMonitor;
import dev.perennial.monitoring.atoms.Harm;
import dev.perennial.monitoring.atoms.MonitorVerdict;
import dev.perennial.monitoring.atoms.Performance;
import dev.perennial.store.Database;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Looks at a model's closed days: findings against the contract, drift against the frozen reference, harm from outcomes, and what of it
 * people must know. A look is a pure function of stored days; looking twice at one day changes nothing. Thread-safe.
 */
public final class Monitoring {
    private final Database database;
    private final DayBook days;
    private final Performances performances;
    private final References references;
    private final SourceArrivals arrivals;
    private final Alerts alerts;

    public Monitoring(
            Database database,
            DayBook days,
            Performances performances,
            References references,
            SourceArrivals arrivals,
            Alerts alerts) {
        this.database = database;
        this.days = days;
        this.performances = performances;
        this.references = references;
        this.arrivals = arrivals;
        this.alerts = alerts;
    }

    /** @param raised monitors whose alert was raised by this look: {@code performance}, {@code drift} */
    public record Look(Set<String> raised) {
        static final Look NOTHING = new Look(Set.of());
    }

    /** What inputs and outcomes of one look said; kept for people. */
    public record Stored(
            String day,
            DriftMonitor.Verdict drift,
            Harm harm,
            MonitorVerdict verdict,
            List<ContractFinding> findings) {}

    /**
     * Looks at the day before {@code today} and the windows that end with it.
     *
     * @param first the model's first day
     * @param firstEvaluation the champion's figure of the performance monitor's metric at its gate; empty without a champion
     * @param skewed served features that differ from their recomputation
     */
    public Look look(
            ModelId model,
            LifecycleFile file,
            LocalDate first,
            LocalDate today,
            long at,
            Optional<Double> firstEvaluation,
            List<ContractFinding> skewed) {
        Optional<References.Anchored> anchored = references.find(model);
        LocalDate day = today.minusDays(1);
        if (anchored.isEmpty() || firstEvaluation.isEmpty() || !day.isAfter(first)) {
            return Look.NOTHING;
        }
        int driftDays = file.monitor().drift().windowDays();
        LocalDate driftFrom = day.minusDays(driftDays - 1L);
        List<ColumnAtom> window = days.atoms(model, driftFrom, day);
        List<ColumnAtom> ofDay = window.stream()
                .filter(atom -> atom.day().equals(day.toString()))
                .toList();
        DriftMonitor.Verdict drift = DriftMonitor.judge(
                anchored.get().reference(),
                window,
                DriftMonitor.Settings.of(
                        file.monitor().drift().psi(), file.monitor().drift().seasonDays()));
        LocalDate harmFrom = day.minusDays(file.monitor().performance().windowDays() - 1L);
        Harm harm = harm(model, file, day, firstEvaluation.get());
        long served =
                days.days(model, day, day).stream().mapToLong(DayResult::rows).sum();
        List<ContractFinding> findings = new ArrayList<>(ContractFindings.of(
                day.toString(),
                anchored.get().reference(),
                anchored.get().rules(),
                ofDay,
                feeds(model, file, day),
                served));
        findings.addAll(skewed);
        keep(model, new Stored(day.toString(), drift, harm, MonitorVerdict.of(drift, harm), findings));
        return raise(model, file, day, at, findings, drift, harm, harmFrom, driftFrom);
    }

    /** The newest look at a model. */
    public Optional<Stored> latest(ModelId model) {
        return database.read(
                sql -> sql.createQuery("select body from drift_verdict where model = :model order by day desc limit 1")
                        .bind("model", model.toString())
                        .mapTo(String.class)
                        .findOne()
                        .map(body -> Json.read(body, Stored.class)));
    }

    /** The look at one day. */
    public Optional<Stored> on(ModelId model, LocalDate day) {
        return database.read(
                sql -> sql.createQuery("select body from drift_verdict where model = :model and day = :day")
                        .bind("model", model.toString())
                        .bind("day", day.toString())
                        .mapTo(String.class)
                        .findOne()
                        .map(body -> Json.read(body, Stored.class)));
    }

    private Look raise(
            ModelId model,
            LifecycleFile file,
            LocalDate day,
            long at,
            List<ContractFinding> findings,
            DriftMonitor.Verdict drift,
            Harm harm,
            LocalDate harmFrom,
            LocalDate driftFrom) {
        AlertBoard board = alerts.board(model);
        List<Signal> signals = new ArrayList<>(Signals.findings(board, findings, start(file, day)));
        signals.addAll(Signals.drift(drift, harm, start(file, driftFrom)));
        signals.add(Signals.performance(harm, harmFrom + " to " + day, start(file, harmFrom)));
        alerts.step(model, day.toEpochDay(), at, signals, arrivals.injected(model));
        Set<String> raised = new TreeSet<>();
        for (SignalKind kind : alerts.board(model).began(day.toEpochDay())) {
            if (!kind.isCause()) {
                raised.add(kind.name().toLowerCase(Locale.ROOT));
            }
        }
        return new Look(raised);
    }

    private Harm harm(ModelId model, LifecycleFile file, LocalDate day, double firstEvaluation) {
        Performance now = performances.close(
                model, file.monitor().performance().windowDays(), file.gates().labelCoverage(), day);
        return Harm.judge(
                now,
                file.monitor().performance().metric(),
                firstEvaluation,
                file.monitor().performance().firstEvaluationPlus());
    }

    /** How old the newest row of each feed with a freshness rule was at the end of the day, as far as somebody reported it. */
    private List<ContractFindings.Feed> feeds(ModelId model, LifecycleFile file, LocalDate day) {
        var newest = arrivals.newest(model);
        long end = start(file, day.plusDays(1));
        List<ContractFindings.Feed> feeds = new ArrayList<>();
        for (ContractRule rule : file.contract()) {
            Long limit = rule.freshWithinMillis();
            Long at = newest.get(rule.source());
            if (limit != null && at != null) {
                feeds.add(new ContractFindings.Feed(
                        rule.source(), day.toString(), Math.max(0, end - at), limit, null, null));
            }
        }
        return feeds;
    }

    private void keep(ModelId model, Stored stored) {
        database.writing(tx -> tx.sql()
                .createUpdate("insert into drift_verdict (model, day, body) values (:model, :day, :body)"
                        + " on conflict (model, day) do update set body = excluded.body")
                .bind("model", model.toString())
                .bind("day", stored.day())
                .bind("body", Json.canonical(stored))
                .execute());
    }

    private static long start(LifecycleFile file, LocalDate day) {
        return day.atStartOfDay(file.zone()).toInstant().toEpochMilli();
    }
}
