package dev.perennial.scorer.serving;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.serving.VersionStatistics.Timing;
import dev.perennial.scorer.telemetry.Family;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Statistics of all versions by endpoint, kept over changes of configuration. Thread-safe. */
final class Statistics {
    private final InstantSource clock;
    private final Metrics metrics;
    private final ConcurrentMap<String, ConcurrentMap<String, VersionStatistics>> endpoints = new ConcurrentHashMap<>();

    Statistics(InstantSource clock, Metrics metrics) {
        this.clock = clock;
        this.metrics = metrics;
        metrics.families(this::triton);
    }

    /** A request was answered; rows of several versions count for each of them. */
    void succeeded(Endpoint endpoint, Outcome outcome, Timing timing) {
        switch (outcome) {
            case Outcome.Scored scored -> scored(endpoint, scored.answers(), timing);
            case Outcome.Computed computed -> {
                int rows = (int) Math.min(Integer.MAX_VALUE, rows(computed));
                of(endpoint, computed.version()).succeeded(clock.millis(), rows, timing);
            }
            case Outcome.Failed _ -> {}
        }
    }

    private static long rows(Outcome.Computed computed) {
        return computed.outputs().isEmpty() ? 1 : computed.outputs().getFirst().rows();
    }

    private void scored(Endpoint endpoint, List<Answer> answers, Timing timing) {
        if (answers instanceof ColumnAnswers columns) {
            of(endpoint, columns.version()).succeeded(clock.millis(), columns.size(), timing);
            return;
        }
        String first = answers.isEmpty()
                ? endpoint.championVersion()
                : answers.getFirst().version();
        int same = 0;
        for (Answer answer : answers) {
            same += answer.version().equals(first) ? 1 : 0;
        }
        of(endpoint, first).succeeded(clock.millis(), same, timing);
        if (same < answers.size()) {
            answers.stream().map(Answer::version).distinct().skip(1).forEach(version -> {
                long rows = answers.stream()
                        .filter(answer -> answer.version().equals(version))
                        .count();
                of(endpoint, version).succeeded(clock.millis(), (int) rows, timing);
            });
        }
    }

    /** A request was refused or failed. */
    void failed(Endpoint endpoint, String version, ErrorCode code, long took) {
        of(endpoint, version).failed(clock.millis(), code, took);
    }

    /** Forgets endpoints and versions that are configured no more. */
    void retain(Map<String, Set<String>> live) {
        endpoints.keySet().retainAll(live.keySet());
        endpoints.forEach((name, versions) -> versions.keySet().retainAll(live.getOrDefault(name, Set.of())));
    }

    private List<Family> triton() {
        Map<String, List<VersionStatistics.Snapshot>> told = new TreeMap<>();
        endpoints.forEach((name, versions) -> {
            List<VersionStatistics.Snapshot> snapshots = new ArrayList<>();
            versions.forEach((version, statistics) -> snapshots.add(statistics.snapshot(version)));
            told.put(name, snapshots);
        });
        return TritonFamilies.of(told);
    }

    VersionStatistics.Snapshot snapshot(Endpoint endpoint, String version) {
        return of(endpoint, version).snapshot(version);
    }

    private VersionStatistics of(Endpoint endpoint, String version) {
        ConcurrentMap<String, VersionStatistics> versions = endpoints.get(endpoint.name());
        if (versions == null) {
            versions = endpoints.computeIfAbsent(endpoint.name(), name -> new ConcurrentHashMap<>());
        }
        VersionStatistics statistics = versions.get(version);
        return statistics != null
                ? statistics
                : versions.computeIfAbsent(
                        version, name -> new VersionStatistics(new VersionMeters(metrics, endpoint.name(), name)));
    }
}
