package dev.perennial.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.monitoring.alerts.Alert;
import dev.perennial.monitoring.atoms.ContractFinding;
import dev.perennial.monitoring.atoms.Harm;
import dev.perennial.monitoring.atoms.MonitorVerdict;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the loop's daily look finds, raises and keeps. */
abstract class MonitoringContract extends MonitoringFixture {
    private static final double AT_GATE = 0.55;
    private static final long HOUR = 3_600_000L;
    private final LifecycleFile file = file();

    private Monitoring.Look look(LocalDate day, ContractFinding... skewed) {
        return monitoring.look(
                MODEL,
                file,
                FIRST,
                day.plusDays(1),
                start(day.plusDays(1)) + 6 * HOUR,
                Optional.of(AT_GATE),
                List.of(skewed));
    }

    /** A day with its outcomes, closed and looked at. */
    private Monitoring.Look live(int number, double bias, Double temperature, ContractFinding... skewed) {
        LocalDate day = FIRST.plusDays(number);
        serve(day, bias, temperature);
        outcomes(day, 0, 60);
        book.close(MODEL, ZONE, FIRST, day);
        return look(day, skewed);
    }

    private void weatherAsOf(LocalDate day) {
        arrivals.report(MODEL, Map.of("weather", start(day)), Set.of());
    }

    private List<Alert> openAlerts() {
        return alerts.page(Optional.of(MODEL), Optional.of("OPEN"), PageRequest.of(null, null))
                .items();
    }

    @Test
    void withoutAReferenceNothingIsLookedAt() {
        serve(FIRST, 0, 35.0);
        book.close(MODEL, ZONE, FIRST, FIRST);
        assertThat(look(FIRST.plusDays(1)).raised()).isEmpty();
        assertThat(monitoring.latest(MODEL)).isEmpty();
    }

    @Test
    void soundDaysRaiseNothingAndAreKept() {
        anchor();
        for (int day = 0; day < 12; day++) {
            assertThat(live(day, 0, 35.0).raised()).isEmpty();
        }
        assertThat(openAlerts()).isEmpty();
        Monitoring.Stored latest = monitoring.latest(MODEL).orElseThrow();
        assertThat(latest.day()).isEqualTo(FIRST.plusDays(11).toString());
        assertThat(latest.harm().state()).isEqualTo(Harm.State.NOT_SHOWN);
        assertThat(monitoring.on(MODEL, FIRST.plusDays(5)).orElseThrow().day())
                .isEqualTo(FIRST.plusDays(5).toString());
        assertThat(monitoring.on(MODEL, FIRST.plusDays(40))).isEmpty();
    }

    @Test
    void driftWithoutHarmIsAVerdictAndNoAlert() {
        anchor();
        for (int day = 0; day < 28; day++) {
            assertThat(live(day, 0, 95.0).raised()).isEmpty();
        }
        Monitoring.Stored latest = monitoring.latest(MODEL).orElseThrow();
        assertThat(latest.verdict().kind()).isEqualTo(MonitorVerdict.Kind.DRIFT_ONLY);
        assertThat(latest.verdict().text()).contains("temp_f", "the reference covers less than a season", "no harm");
        assertThat(openAlerts()).isEmpty();
    }

    @Test
    void featuresServedOtherwiseThanTheSourcesSayAreAnAlertUntilTheyAgreeAgain() {
        anchor();
        live(0, 0, 35.0);
        ContractFinding skewed = new ContractFinding(
                ContractFinding.Kind.SKEW,
                null,
                "temp_f",
                FIRST.toString(),
                ContractFinding.Severity.WARNING,
                7,
                60,
                "temp_f: 7 of 60");
        live(1, 0, 35.0, skewed);
        assertThat(openAlerts()).as("seen in one look").isEmpty();
        live(2, 0, 35.0, skewed);
        assertThat(openAlerts()).singleElement().satisfies(alert -> {
            assertThat(alert.title()).contains("Served features differ from their recomputation");
            assertThat(alert.findings().getFirst().column()).isEqualTo("temp_f");
        });
        live(3, 0, 35.0);
        live(4, 0, 35.0);
        assertThat(openAlerts()).isEmpty();
    }

    @Test
    void harmIsRaisedOnceAndOpensOneAlert() {
        anchor();
        for (int day = 0; day < 8; day++) {
            live(day, 0.35, 35.0);
        }
        assertThat(openAlerts()).as("one bad window is no alert").isEmpty();
        assertThat(live(8, 0.35, 35.0).raised()).containsExactly("performance");
        assertThat(openAlerts()).singleElement().satisfies(alert -> {
            assertThat(alert.cause()).isEqualTo("performance");
            assertThat(alert.text()).contains("mean answer");
        });
        assertThat(live(9, 0.35, 35.0).raised()).isEmpty();
        assertThat(openAlerts()).hasSize(1);
    }

    @Test
    void lookingAgainAfterACrashSaysTheSameAndTellsNobodyTwice() {
        anchor();
        for (int day = 0; day < 9; day++) {
            live(day, 0.35, 35.0);
        }
        long told = notifications();
        restart();
        assertThat(look(FIRST.plusDays(8)).raised())
                .as("whoever died before the decision still hears of it")
                .containsExactly("performance");
        assertThat(notifications()).isEqualTo(told);
        assertThat(openAlerts()).hasSize(1);
    }

    private long notifications() {
        return store.database()
                .read(sql -> sql.createQuery("select count(*) from notification")
                        .mapTo(Long.class)
                        .one());
    }

    @Test
    void aDeadFeedIsOneAlertAndOneMessageADay() {
        anchor();
        weatherAsOf(FIRST.plusDays(2));
        live(0, 0, 35.0);
        live(1, 0, 35.0);
        assertThat(openAlerts()).isEmpty();
        live(2, 0, null);
        assertThat(openAlerts()).singleElement().satisfies(alert -> {
            assertThat(alert.title()).isEqualTo("The weather feed is late");
            assertThat(alert.text())
                    .isEqualTo("weather: the newest row was 24.0 h old, allowed are 6.0 h; and 1 finding more");
            assertThat(alert.findings()).hasSize(2);
        });
        assertThat(notifications()).as("two findings, one message").isEqualTo(1);
        weatherAsOf(FIRST.plusDays(5));
        live(3, 0, 35.0);
        assertThat(openAlerts()).as("one clear day is not the end").hasSize(1);
        live(4, 0, 35.0);
        assertThat(openAlerts()).isEmpty();
    }

    @Test
    void aDrillIsToldAsADrillAlsoAfterItsEnd() {
        anchor();
        arrivals.report(MODEL, Map.of("weather", start(FIRST)), Set.of("weather"));
        live(0, 0, 35.0);
        live(1, 0, 35.0);
        assertThat(openAlerts())
                .singleElement()
                .satisfies(alert -> assertThat(alert.injected()).isTrue());
        arrivals.report(MODEL, Map.of("weather", start(FIRST.plusDays(9))), Set.of());
        live(2, 0, 35.0);
        live(3, 0, 35.0);
        Alert over = alerts.page(Optional.of(MODEL), Optional.of("resolved"), PageRequest.of(null, null))
                .items()
                .getFirst();
        assertThat(over.injected()).isTrue();
    }

    @Test
    void aSourceThatNobodyReportsIsNotCalledLate() {
        anchor();
        live(0, 0, 35.0);
        live(1, 0, 35.0);
        assertThat(arrivals.newest(MODEL)).isEmpty();
        assertThat(openAlerts()).isEmpty();
    }

    @Test
    void aDayWithoutAnyPredictionIsAnAlert() {
        anchor();
        live(0, 0, 35.0);
        live(1, 0, 35.0);
        book.close(MODEL, ZONE, FIRST, FIRST.plusDays(2));
        look(FIRST.plusDays(2));
        assertThat(openAlerts()).singleElement().satisfies(alert -> {
            assertThat(alert.cause()).isEqualTo("predictions");
            assertThat(alert.text()).isEqualTo("nothing was predicted on 2013-10-03");
        });
    }

    @Test
    void acknowledgementAndSilenceAreKeptOverARestartAndInTheLedger() {
        anchor();
        weatherAsOf(FIRST);
        live(0, 0, 35.0);
        live(1, 0, 35.0);
        String id = openAlerts().getFirst().id();
        long entries = store.ledger().status().entries();
        alerts.acknowledge(id, "ana", "I look");
        alerts.silence(id, "ben", "known", start(FIRST.plusDays(30)));
        restart();
        Alert kept = alerts.get(id);
        assertThat(kept.acknowledgedBy()).isEqualTo("ana");
        assertThat(kept.silencedUntil()).isEqualTo(start(FIRST.plusDays(30)));
        assertThat(store.ledger().status().entries()).isEqualTo(entries + 2);
        long told = notifications();
        live(2, 0, null);
        assertThat(alerts.get(id).findings()).as("it grows").hasSize(2);
        assertThat(notifications()).as("and says nothing").isEqualTo(told);
    }

    @Test
    void somebodyWithoutANameChangesNothing() {
        anchor();
        weatherAsOf(FIRST);
        live(0, 0, 35.0);
        live(1, 0, 35.0);
        String id = openAlerts().getFirst().id();
        assertThatThrownBy(() -> alerts.acknowledge(id, " ", "why"))
                .isInstanceOf(PerennialException.class)
                .hasMessage("the name of the person who acts is needed");
        assertThat(alerts.get(id).acknowledgedBy()).isNull();
    }

    @Test
    void anAlertThatIsNotThereIsNotFoundByAnyName() {
        for (String id : List.of("0000000000000000", "", "..", "a\u0000b", "ABC", "x".repeat(5_000))) {
            assertThatThrownBy(() -> alerts.get(id))
                    .isInstanceOf(PerennialException.class)
                    .hasMessageStartingWith("no alert '");
        }
    }

    @Test
    void anUnknownStateIsRefusedByName() {
        assertThatThrownBy(() -> alerts.page(Optional.empty(), Optional.of("SILENCED"), PageRequest.of(null, null)))
                .hasMessage("alert state 'SILENCED' is none of [OPEN, RESOLVED]");
    }
}
