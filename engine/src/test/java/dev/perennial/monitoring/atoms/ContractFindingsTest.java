package dev.perennial.monitoring.atoms;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.data.Profile;
import dev.perennial.monitoring.alerts.AlertBoard;
import dev.perennial.monitoring.alerts.Signal;
import dev.perennial.monitoring.alerts.Signals;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContractFindingsTest {
    private static final String DAY = "2013-10-14";
    private final Random random = new Random(40);
    private final Reference reference = new Reference(
            "abc",
            new Profile(Map.of(
                    "temp_f",
                            DriftMonitorTest.number(
                                    random.doubles(20_000, 10, 60).toArray()),
                    "prev_dep_delay",
                            DriftMonitorTest.number(random.doubles(20_000)
                                    .map(u -> u < 0.16 ? Double.NaN : 100 * u)
                                    .toArray()),
                    "carrier", DriftMonitorTest.category(Map.of("UA", 9000L, "B6", 8000L)))),
            90,
            90);
    private final ServedRules rules = new ServedRules(
            Map.of(
                    "temp_f", new ServedRules.Rule("weather.temp_f", -40.0, 130.0, false, null, null, false),
                    "carrier", new ServedRules.Rule("flights.carrier", null, null, true, null, null, true),
                    "origin", new ServedRules.Rule("flights.origin", null, null, false, null, Set.of("EWR"), false)),
            Map.of("temp_f", "weather", "carrier", "flights", "prev_dep_delay", "flights"));

    private List<ContractFinding> findings(AtomCollector collector, long rows) {
        return ContractFindings.of(DAY, reference, rules, collector.atoms(), List.of(), rows);
    }

    @Test
    void columnWithoutAnyValueIsCritical() {
        AtomCollector collector = new AtomCollector("m/1", reference, rules);
        for (int i = 0; i < 230; i++) {
            collector.add(DAY, "temp_f", Double.NaN);
        }
        assertThat(findings(collector, 230)).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(ContractFinding.Kind.COLUMN_MISSING);
            assertThat(finding.severity()).isEqualTo(ContractFinding.Severity.CRITICAL);
            assertThat(finding.source()).isEqualTo("weather");
            assertThat(finding.text()).contains("230 of 230");
        });
    }

    @Test
    void fewMissingValuesAndTheUsualShareAreNotLoud() {
        AtomCollector collector = new AtomCollector("m/1", reference, rules);
        for (int i = 0; i < 230; i++) {
            collector.add(DAY, "temp_f", i < 1 ? Double.NaN : 30);
            collector.add(DAY, "prev_dep_delay", i < 50 ? Double.NaN : 10);
        }
        assertThat(findings(collector, 230)).noneMatch(f -> f.severity() != ContractFinding.Severity.INFO);
    }

    @Test
    void aThirdMissingIsLoudWhereNothingWasMissing() {
        AtomCollector collector = new AtomCollector("m/1", reference, rules);
        for (int i = 0; i < 230; i++) {
            collector.add(DAY, "temp_f", i < 70 ? Double.NaN : 30);
        }
        assertThat(findings(collector, 230)).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(ContractFinding.Kind.MISSING_SHARE);
            assertThat(finding.severity()).isEqualTo(ContractFinding.Severity.WARNING);
        });
    }

    @Test
    void valuesOutsideTheContractAndUnknownCategoriesAreCounted() {
        AtomCollector collector = new AtomCollector("m/1", reference, rules);
        for (int i = 0; i < 230; i++) {
            collector.add(DAY, "temp_f", i < 2 ? 200 : 30);
            collector.add(DAY, "carrier", i < 5 ? "ZZ" : "UA");
        }
        List<ContractFinding> findings = findings(collector, 230);
        assertThat(findings)
                .extracting(ContractFinding::kind)
                .containsExactlyInAnyOrder(ContractFinding.Kind.OUT_OF_RANGE, ContractFinding.Kind.UNKNOWN_CATEGORY);
        assertThat(findings).extracting(ContractFinding::affected).containsExactlyInAnyOrder(2L, 5L);
    }

    @Test
    void lateFeedAndSilenceAreFound() {
        List<ContractFinding> findings = ContractFindings.of(
                DAY,
                reference,
                rules,
                List.of(),
                List.of(
                        new ContractFindings.Feed("weather", DAY, 8 * 3_600_000L, 6 * 3_600_000L, null, null),
                        new ContractFindings.Feed("flights", DAY, null, null, 40L, 100L)),
                0);
        assertThat(findings)
                .extracting(ContractFinding::kind)
                .containsExactly(
                        ContractFinding.Kind.FRESHNESS, ContractFinding.Kind.VOLUME, ContractFinding.Kind.VOLUME);
        assertThat(findings.getFirst().text()).isEqualTo("weather: the newest row was 8.0 h old, allowed are 6.0 h");
    }

    @Test
    void ruleThatFindsNothingMoreGetsAClearSignal() {
        List<ContractFinding> findings = ContractFindings.of(
                DAY,
                reference,
                rules,
                List.of(),
                List.of(new ContractFindings.Feed("weather", DAY, 8L, 6L, null, null)),
                10);
        AlertBoard board = AlertBoard.empty("m");
        board = board.step(1, 1, Signals.findings(board, findings, 0)).board();
        assertThat(board.open()).hasSize(1);
        List<Signal> clear = Signals.findings(board, List.of(), 0);
        assertThat(clear)
                .singleElement()
                .satisfies(signal -> assertThat(signal.value()).isZero());
        board = board.step(2, 2, clear).board();
        board = board.step(3, 3, Signals.findings(board, List.of(), 0)).board();
        assertThat(board.open()).isEmpty();
    }

    private List<ContractFinding> missingOf230(double declared, int missing) {
        ServedRules.Rule rule = new ServedRules.Rule("weather.temp_f", null, null, false, declared, null, false);
        ServedRules tolerant = new ServedRules(Map.of("temp_f", rule), Map.of("temp_f", "weather"));
        AtomCollector collector = new AtomCollector("m/1", reference, tolerant);
        for (int i = 0; i < 230; i++) {
            collector.add(DAY, "temp_f", i < missing ? Double.NaN : 30);
        }
        return ContractFindings.of(DAY, reference, tolerant, collector.atoms(), List.of(), 230);
    }

    @Test
    void aDeclaredShareAloneDecidesHowMuchMayBeMissing() {
        assertThat(missingOf230(0.5, 115))
                .as("half is declared, half is missing")
                .isEmpty();
        assertThat(missingOf230(0.5, 116)).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(ContractFinding.Kind.MISSING_SHARE);
            assertThat(finding.severity()).isEqualTo(ContractFinding.Severity.WARNING);
        });
        assertThat(missingOf230(0.0, 1)).hasSize(1);
    }

    @Test
    void aColumnWithoutAnyValueIsLoudWhateverIsDeclared() {
        assertThat(missingOf230(1.0, 230))
                .extracting(ContractFinding::kind)
                .containsExactly(ContractFinding.Kind.COLUMN_MISSING);
    }

    private ContractFinding.Severity unknownOf(int unknown, int rows) {
        AtomCollector collector = new AtomCollector("m/1", reference, rules);
        for (int i = 0; i < rows; i++) {
            collector.add(DAY, "carrier", i < unknown ? "ZZ" : "UA");
        }
        return findings(collector, rows).getFirst().severity();
    }

    @Test
    void unknownCategoriesAreLoudOnlyBeyondWhatChanceBringsAtOneInAHundred() {
        assertThat(unknownOf(3, 207)).as("1.4 %% of 207").isEqualTo(ContractFinding.Severity.INFO);
        assertThat(unknownOf(5, 205)).isEqualTo(ContractFinding.Severity.INFO);
        assertThat(unknownOf(8, 207)).isEqualTo(ContractFinding.Severity.WARNING);
        assertThat(unknownOf(300, 20_700)).as("1.4 %% of many").isEqualTo(ContractFinding.Severity.WARNING);
        assertThat(unknownOf(1, 1)).as("one of one has a chance of 1 %%").isEqualTo(ContractFinding.Severity.WARNING);
    }
}
