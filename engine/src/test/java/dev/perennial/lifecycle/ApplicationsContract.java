package dev.perennial.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.ExampleFile;
import dev.perennial.lifecycle.file.LifecyclePlan;
import dev.perennial.lifecycle.file.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Plan and apply. */
abstract class ApplicationsContract extends LifeContract {
    @Test
    void aPlanOfANewModelCreatesEveryPartAndChangesNothing() {
        Applications.Outcome outcome = plan(LifeFixture.text());
        assertThat(outcome.problems()).isEmpty();
        assertThat(outcome.applied()).isFalse();
        assertThat(outcome.model()).isEqualTo("flight-delay@spring");
        assertThat(outcome.changes()).allMatch(change -> change.action() == LifecyclePlan.Action.create);
        assertThat(outcome.next())
                .containsExactly(
                        "a first version is trained from what is known by then, judged, and serves when it passes");
        assertThat(life.room.lifecycles().find(LifeFixture.MODEL)).isEmpty();
        assertThat(ledger()).isZero();
        assertThat(life.room.lifecycles().page(PageRequest.of(null, null)).items())
                .isEmpty();
    }

    @Test
    void mistakesOfTheTextAreToldWithoutAWorker() {
        Applications.Outcome outcome = plan(LifeFixture.text().replace("holdout: 14d", "holdout: soon"));
        assertThat(outcome.problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.field()).isEqualTo("gates.holdout"));
        assertThat(life.workers.steps("describe")).isEmpty();
        assertThat(life.engine
                        .list(Optional.empty(), PageRequest.of(null, null))
                        .items())
                .isEmpty();
    }

    @Test
    void aSourceThatLacksAColumnIsAProblemOfPlanAndOfApply() {
        life.workers.on(
                "describe",
                work -> LifeFixture.values(Map.of(
                        "sources",
                        Json.parse(
                                "{\"weather\": {\"columns\": {\"origin\": \"string\", \"observed_at\": \"date\"}}}"))));
        List<Problem> planned = plan(LifeFixture.text()).problems();
        assertThat(planned).isNotEmpty().allMatch(problem -> problem.message().contains("source 'weather'"));
        Applications.Outcome applied = apply(LifeFixture.text());
        assertThat(applied.problems()).isEqualTo(planned);
        assertThat(applied.applied()).isFalse();
        assertThat(life.room.lifecycles().find(LifeFixture.MODEL)).isEmpty();
        assertThat(ledger()).isZero();
    }

    @Test
    void theWorkerIsGivenTheSourcesWithAbsolutePaths() {
        plan(LifeFixture.text());
        assertThat(life.workers.steps("describe"))
                .singleElement()
                .satisfies(work -> assertThat(
                                work.parameters().at("/sources/weather/path").asText())
                        .isEqualTo(ExampleFile.folder()
                                .resolve("data/weather.parquet")
                                .toString()));
    }

    @Test
    void anApplyAfterAPlanLooksAtTheSameFilesOnce() {
        plan(LifeFixture.text());
        assertThat(apply(LifeFixture.text()).applied()).isTrue();
        assertThat(life.workers.steps("describe")).hasSize(1);
    }

    @Test
    void aLookThatFailedIsTriedAnew() {
        life.workers.on("describe", work -> {
            throw new IllegalStateException("out of memory");
        });
        assertThatThrownBy(() -> plan(LifeFixture.text()))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("the sources could not be looked at")
                .hasMessageContaining("out of memory");
        life.workers.on("describe", work -> LifeFixture.values(Map.of("sources", Json.object())));
        assertThat(plan(LifeFixture.text()).problems()).isEmpty();
        assertThat(life.workers.steps("describe")).hasSize(2);
    }

    @Test
    void applyingIsADecisionWithItsLedgerEntry() {
        apply(LifeFixture.text());
        Decision decision = life.last(Decision.Kind.APPLY);
        assertThat(decision.text()).isEqualTo("Revision 1 of the lifecycle file is in force: 11 changes.");
        assertThat(decision.at()).isEqualTo(LifeFixture.six(LifeFixture.START));
        assertThat(decision.entry()).isNotNull();
        assertThat(ledger()).isPositive();
    }

    @Test
    void applyingTheSameFileTwiceChangesNothing() {
        apply(LifeFixture.text());
        long entries = ledger();
        Applications.Outcome second = apply(LifeFixture.text() + "\n# a remark\n");
        assertThat(second.applied()).isFalse();
        assertThat(second.changes()).allMatch(change -> change.action() == LifecyclePlan.Action.none);
        assertThat(ledger()).isEqualTo(entries);
        assertThat(life.room.lifecycles().get(LifeFixture.MODEL).revision()).isEqualTo(1);
    }

    @Test
    void aChangedFileIsTheNextRevisionAndTellsWhatItChanges() {
        apply(LifeFixture.text());
        Applications.Outcome second = apply(LifeFixture.text().replace("holdout: 14d", "holdout: 7d"));
        assertThat(second.changes())
                .filteredOn(change -> change.action() != LifecyclePlan.Action.none)
                .singleElement()
                .satisfies(change -> {
                    assertThat(change.object()).isEqualTo("gates");
                    assertThat(change.field()).isEqualTo("holdout");
                    assertThat(change.before()).isEqualTo("14d");
                    assertThat(change.after()).isEqualTo("7d");
                });
        assertThat(second.next()).containsExactly("the next candidate is made by this file");
        AppliedLifecycle applied = life.room.lifecycles().get(LifeFixture.MODEL);
        assertThat(applied.revision()).isEqualTo(2);
        assertThat(applied.file().gates().holdoutDays()).isEqualTo(7);
    }

    @Test
    void aReplaysScopeIsMadeByItsReplayAlone() {
        Applications.Order order = life.order(LifeFixture.text());
        assertThatThrownBy(() -> life.room
                        .applications()
                        .apply(new Applications.Order(
                                order.text(), order.path(), "autumn", Map.of(), null, "user:ann")))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("there is no replay 'autumn'; start it with 'perennial replay'");
        assertThat(life.room.lifecycles().find(new ModelId("flight-delay", "autumn")))
                .isEmpty();
    }

    @Test
    void aFolderThatIsNotAbsoluteIsRefused() {
        assertThatThrownBy(() -> plan(LifeFixture.text(), "lifecycle.yaml"))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("path 'lifecycle.yaml' of the lifecycle file must be absolute");
    }

    @Test
    void anotherFileForASourceIsReadInItsPlace() {
        Applications.Order order = life.order(LifeFixture.text());
        life.room
                .applications()
                .apply(new Applications.Order(
                        order.text(),
                        order.path(),
                        order.scope(),
                        Map.of("weather", "/copies/weather.parquet"),
                        order.replayClock(),
                        order.actor()));
        AppliedLifecycle applied = life.room.lifecycles().get(LifeFixture.MODEL);
        assertThat(applied.file().source("weather").path()).isEqualTo("/copies/weather.parquet");
        assertThat(applied.file().source("flights").path())
                .isEqualTo(ExampleFile.folder().resolve("data/flights.parquet").toString());
    }

    @Test
    void aCandidatesFileReadsTheSourcesOfTheFileInForceAndIsRefusedWithAllItsMistakes() {
        apply(LifeFixture.text());
        String path = life.order("").path();
        assertThat(life.room
                        .applications()
                        .candidate(LifeFixture.MODEL, LifeFixture.text().replace("seed: 1", "seed: 2"), path)
                        .train()
                        .seed())
                .isEqualTo(2);
        String wrong =
                LifeFixture.text().replace("holdout: 14d", "holdout: soon").replace("seed: 1", "seed: x");
        assertThatThrownBy(() -> life.room.applications().candidate(LifeFixture.MODEL, wrong, path))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("the candidate's lifecycle file has 2 problems")
                .hasMessageContaining("gates.holdout")
                .hasMessageContaining("train.seed");
    }

    private Applications.Outcome plan(String text) {
        return life.room.applications().plan(life.order(text));
    }

    private Applications.Outcome plan(String text, String path) {
        return life.room.applications().plan(new Applications.Order(text, path, "spring", Map.of(), null, "user:ann"));
    }

    private Applications.Outcome apply(String text) {
        return life.room.applications().apply(life.order(text));
    }

    private long ledger() {
        return life.store
                .database()
                .read(sql -> sql.createQuery("select count(*) from ledger_entry")
                        .mapTo(Long.class)
                        .one());
    }
}
