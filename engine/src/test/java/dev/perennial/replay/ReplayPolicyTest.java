package dev.perennial.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.ExampleFile;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.replay.ReplayPolicy.Blind;
import dev.perennial.replay.ReplayPolicy.Cadence;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayPolicyTest {
    private static final LifecycleFile FILE = ExampleFile.parsed();

    @Test
    void threeKindsOfPoliciesAreUnderstood() {
        assertThat(ReplayPolicy.of("file")).isEqualTo(new ReplayPolicy.AsFiled());
        assertThat(ReplayPolicy.of("never")).isEqualTo(new ReplayPolicy.Never());
        assertThat(ReplayPolicy.of("monthly, last 30d, no gates")).isEqualTo(new Blind(Cadence.MONTHLY, 30));
        assertThat(ReplayPolicy.of("weekly, all, no gates")).isEqualTo(new Blind(Cadence.WEEKLY, null));
    }

    @Test
    void spaceAndCapitalsDoNotMatter() {
        assertThat(ReplayPolicy.of("  Monthly ,last  7 d,  No Gates ")).isEqualTo(new Blind(Cadence.MONTHLY, 7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "never", "monthly, last 30d, no gates", "weekly, all, no gates"})
    void aPolicyIsWrittenAsItIsRead(String text) {
        assertThat(ReplayPolicy.of(text).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "always",
                "monthly",
                "monthly, last 30d",
                "monthly, last 30d, with gates",
                "daily, last 30d, no gates",
                "monthly, last 0d, no gates",
                "monthly, last 30, no gates",
                "monthly, last 99999d, no gates",
                "monthly, last 30d, no gates, please"
            })
    void anythingElseIsRefusedWithWhatIsAllowed(String text) {
        assertThatThrownBy(() -> ReplayPolicy.of(text))
                .isInstanceOfSatisfying(
                        PerennialException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .hasMessageContaining("policy '" + text + "' is not understood")
                .hasMessageContaining("'file'")
                .hasMessageContaining("'never'")
                .hasMessageContaining("'monthly, last 30d, no gates'");
    }

    @Test
    void aMonthlyScheduleTrainsOnTheFirstAtThePublicationHour() {
        assertThat(times(Cadence.MONTHLY, "2013-04-01T10:00:00Z", "2013-07-01T10:00:00Z"))
                .containsExactly("2013-05-01T10:00:00Z", "2013-06-01T10:00:00Z");
        assertThat(times(Cadence.MONTHLY, "2013-10-15T10:00:00Z", "2013-12-01T11:00:00.001Z"))
                .containsExactly("2013-11-01T10:00:00Z", "2013-12-01T11:00:00Z");
    }

    @Test
    void aReplayThatBeginsBeforeTheHourOfAFirstTrainsOnThatDay() {
        assertThat(times(Cadence.MONTHLY, "2013-05-01T09:00:00Z", "2013-05-02T00:00:00Z"))
                .containsExactly("2013-05-01T10:00:00Z");
    }

    @Test
    void aWeeklyScheduleTrainsOnTheWeekdayOfTheFile() {
        assertThat(times(Cadence.WEEKLY, "2013-04-01T10:00:00Z", "2013-04-22T10:00:00Z"))
                .containsExactly("2013-04-08T10:00:00Z", "2013-04-15T10:00:00Z");
        LifecycleFile daily = ExampleFile.parsed(ExampleFile.text().replace("monday 06:00", "daily 06:00"));
        assertThat(new Blind(Cadence.WEEKLY, 7).times(daily, at("2013-04-03T10:00:00Z"), at("2013-04-10T10:00:00Z")))
                .containsExactly(at("2013-04-08T10:00:00Z"));
    }

    @Test
    void aReplayOfADayTrainsNothing() {
        assertThat(times(Cadence.MONTHLY, "2013-04-02T10:00:00Z", "2013-04-03T10:00:00Z"))
                .isEmpty();
    }

    private static List<String> times(Cadence cadence, String from, String to) {
        return new Blind(cadence, 30)
                .times(FILE, at(from), at(to)).stream()
                        .map(at -> Instant.ofEpochMilli(at).toString())
                        .toList();
    }

    private static long at(String instant) {
        return Instant.parse(instant).toEpochMilli();
    }
}
