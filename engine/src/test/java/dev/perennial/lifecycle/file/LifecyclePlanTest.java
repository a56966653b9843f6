package dev.perennial.lifecycle.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.LifecyclePlan.Action;
import dev.perennial.lifecycle.file.LifecyclePlan.Change;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LifecyclePlanTest {
    private final LifecycleFile applied = ExampleFile.parsed();

    private List<Change> changed(String... replacements) {
        String text = ExampleFile.text();
        for (int i = 0; i < replacements.length; i += 2) {
            assertThat(text).contains(replacements[i]);
            text = text.replace(replacements[i], replacements[i + 1]);
        }
        ParseResult result = LifecycleParser.parse(text, ExampleFile.folder());
        LifecycleFile after = result.file().orElseThrow(() -> new AssertionError(result.problems()));
        return LifecyclePlan.changes(Optional.of(applied), after).stream()
                .filter(change -> change.action() != Action.none)
                .toList();
    }

    @Test
    void aNewModelCreatesEveryObject() {
        List<Change> changes = LifecyclePlan.changes(Optional.empty(), applied);
        assertThat(changes).allSatisfy(change -> assertThat(change.action()).isEqualTo(Action.create));
        assertThat(changes)
                .extracting(Change::object)
                .containsExactly(
                        "model",
                        "source flights",
                        "source weather",
                        "predict",
                        "contract",
                        "features",
                        "train",
                        "gates",
                        "rollout",
                        "monitor",
                        "retrain");
        assertThat(changes).allSatisfy(change -> assertThat(change.after()).isNotEmpty());
    }

    @Test
    void theSameMeaningChangesNothing() {
        List<Change> changes = LifecyclePlan.changes(
                Optional.of(applied),
                LifecycleParser.parse(
                                ExampleFile.text()
                                        .replace("over: 2h", "over: 120m")
                                        .replace("holdout: 14d", "holdout:   14d # weeks"),
                                ExampleFile.folder())
                        .file()
                        .orElseThrow());
        assertThat(LifecyclePlan.differs(changes)).isFalse();
        assertThat(changes).hasSize(11);
    }

    @Test
    void aChangedThresholdIsOneFieldWithBeforeAndAfter() {
        assertThat(changed("label-coverage: 0.8", "label-coverage: 0.9"))
                .singleElement()
                .satisfies(change -> {
                    assertThat(change.object()).isEqualTo("gates");
                    assertThat(change.action()).isEqualTo(Action.update);
                    assertThat(change.field()).isEqualTo("label-coverage");
                    assertThat(change.before()).isEqualTo("0.8");
                    assertThat(change.after()).isEqualTo("0.9");
                    assertThat(change.why()).contains("next candidate");
                });
    }

    @Test
    void aLatencyThatIsToleratedFromNowOnIsAChangeOfTheRollout() {
        assertThat(changed("errors: {share: 0.01}}", "errors: {share: 0.01}, latency: {ratio: 1.2}}"))
                .singleElement()
                .satisfies(change -> {
                    assertThat(change.object()).isEqualTo("rollout");
                    assertThat(change.field()).isEqualTo("stop-on.latency");
                    assertThat(change.before()).isNull();
                    assertThat(change.after()).isEqualTo("{ratio: 1.2}");
                });
    }

    @Test
    void theCanonicalTextKeepsTheLatency() {
        String text =
                ExampleFile.text().replace("errors: {share: 0.01}}", "errors: {share: 0.01}, latency: {ratio: 1.2}}");
        LifecycleFile file =
                LifecycleParser.parse(text, ExampleFile.folder()).file().orElseThrow();
        assertThat(file.rollout().stopOn().latencyRatio()).isEqualTo(1.2);
        LifecycleFile again = LifecycleParser.parse(
                        LifecycleText.render(file), ExampleFile.folder().getRoot())
                .file()
                .orElseThrow();
        assertThat(again).isEqualTo(file);
        assertThat(applied.rollout().stopOn().latencyRatio()).isNull();
    }

    @Test
    void anInsertedWindowIsOneChange() {
        assertThat(changed(
                        "  windows:\n",
                        "  windows:\n    - {as: tail_late_7d, share: late, from: flights, by: tail_number, over: {days: 7, published:"
                                + " \"06:00\"}}\n"))
                .singleElement()
                .satisfies(change -> {
                    assertThat(change.field()).isEqualTo("windows.tail_late_7d");
                    assertThat(change.before()).isNull();
                    assertThat(change.after()).contains("share: late");
                });
    }

    @Test
    void everyKindOfChangeIsNamed() {
        assertThat(changed(
                        "owner: flight-operations", "owner: network-planning",
                        "wind_speed_mph:  {type: number, unit: mph, min: 0, max: 150",
                                "wind_speed_mph:  {type: number, unit: mph, min: 0, max: 200",
                        "{time: event_time, plus-minutes: dep_delay_min, plus: 10m}",
                                "{time: event_time, plus-minutes: dep_delay_min, plus: 20m}",
                        "over: 2h", "over: 3h",
                        "max-age: 16h", "max-age: 12h",
                        "trees: 100", "trees: 200",
                        "    - {metric: roc_auc, at-least: 0.62}\n", "",
                        "{share: 0.50, days: 1}", "{share: 0.50, days: 2}",
                        "window: 28d", "window: 42d",
                        "monday 06:00", "daily 07:00"))
                .extracting(change ->
                        change.object() + " | " + change.field() + " | " + change.before() + " | " + change.after())
                .containsExactly(
                        "model | owner | flight-operations | network-planning",
                        "source flights | known-at.dep_delay_min.plus | 10m | 20m",
                        "contract | weather.wind_speed_mph.max | 150 | 200",
                        "features | latest.prev_dep_delay.max-age | 16h | 12h",
                        "features | windows.origin_dep_delay_2h.over | 2h | 3h",
                        "train | parameters.trees | 100 | 200",
                        "gates | require.roc_auc at-least 0.62 | {metric: roc_auc, at-least: 0.62} | null",
                        "rollout | canary.step 2.days | 1 | 2",
                        "monitor | drift.window | 28d | 42d",
                        "retrain | schedule | monday 06:00 | daily 07:00");
    }

    @Test
    void anotherModelIsRefused() {
        LifecycleFile other = LifecycleParser.parse(
                        ExampleFile.text().replace("model: flight-delay", "model: other"), ExampleFile.folder())
                .file()
                .orElseThrow();
        assertThatThrownBy(() -> LifecyclePlan.changes(Optional.of(applied), other))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("'flight-delay' with 'other'");
    }

    @Test
    void theCanonicalTextMeansTheSame() {
        String text = LifecycleText.render(applied);
        ParseResult again = LifecycleParser.parse(text, ExampleFile.folder().getRoot());
        assertThat(again.problems()).isEmpty();
        assertThat(again.file()).contains(applied);
        assertThat(LifecycleText.render(again.file().orElseThrow())).isEqualTo(text);
        assertThat(text.lines()).hasSizeLessThan(80);
    }
}
