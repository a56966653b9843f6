package dev.perennial.gates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.Gates;
import dev.perennial.lifecycle.file.Gates.Gate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GateJudgeTest {
    private static final String CHAMPION = "log_loss better-than champion";
    private static final Signature SIGNED = new Signature("Ada", "the feed was checked by hand", 1);

    @Test
    void passesAShownImprovementAndOpensWithoutASignature() {
        GateReport report = judge(new Trial());

        assertThat(report.verdict()).as(report.text()).isEqualTo(Verdict.PASS);
        assertThat(report.opens(Optional.empty())).isTrue();
        GateVerdict gate = report.of(CHAMPION).orElseThrow();
        assertThat(gate.detail()).isEqualTo(Detail.SHOWN);
        assertThat(gate.high()).isNegative();
        assertThat(gate.low()).isLessThan(gate.estimate());
        assertThat(gate.rows()).isEqualTo(12_600);
        assertThat(gate.clusters()).isEqualTo(14);
        assertThat(gate.deff()).isGreaterThan(1);
        assertThat(gate.text())
                .contains("95 % interval [-0.0", "12,600 rows of 14 days", "design effect", "shown to be better");
    }

    @Test
    void tellsNotShownBetterFromShownWorse() {
        GateReport open = judge(new Trial().gain(0.001).daySpread(0.03));
        assertThat(open.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(open.of(CHAMPION).orElseThrow().detail()).isEqualTo(Detail.NOT_SHOWN_BETTER);
        assertThat(open.text()).startsWith("Refused (12,600 rows of 14 days)").contains("reaches across 0");

        GateReport worse = judge(new Trial().gain(-0.06).daySpread(0.03));
        assertThat(worse.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(worse.of(CHAMPION).orElseThrow().detail()).isEqualTo(Detail.SHOWN_WORSE);
        assertThat(worse.opens(Optional.of(SIGNED))).isFalse();
    }

    @Test
    void theSameQuestionGetsTheSameAnswerAndASmallRestOfTheSeedIsInTheGate() {
        Evaluation evaluation = new Trial().evaluation();
        GateReport one = GateJudge.judge(Trial.file(Trial.usual()), evaluation, Trial.sound());
        GateReport two = GateJudge.judge(
                Trial.file(Trial.usual()), Json.read(Json.write(evaluation), Evaluation.class), Trial.sound());

        assertThat(Json.canonical(two)).isEqualTo(Json.canonical(one));
        assertThat(Json.read(Json.write(one), GateReport.class)).isEqualTo(one);
    }

    @Test
    void refusesToJudgeFewerThanEightDays() {
        Trial trial = new Trial();
        for (int day = 0; day < 7; day++) {
            trial.withhold(day, "weather feed dead");
        }
        GateReport report = judge(trial);

        assertThat(report.verdict()).isEqualTo(Verdict.INSUFFICIENT_DATA);
        assertThat(report.clusters()).isEqualTo(7);
        assertThat(report.of(CHAMPION).orElseThrow().detail()).isEqualTo(Detail.TOO_FEW_DAYS);
        assertThat(report.text()).contains("7 sound days", "2013-07-18 (weather feed dead)");
        assertThat(report.opens(Optional.of(SIGNED))).isFalse();
    }

    @Test
    void withholdsDaysWithoutEnoughLabelsEvenIfTheWorkerDidNot() {
        Evaluation covered = new Trial().evaluation();
        List<Cluster> clusters = new ArrayList<>(covered.clusters());
        clusters.set(3, starved(clusters.get(3)));
        GateReport report = GateJudge.judge(Trial.file(Trial.usual()), with(covered, clusters), Trial.sound());

        assertThat(report.clusters()).isEqualTo(13);
        assertThat(report.withheld()).singleElement().satisfies(day -> {
            assertThat(day.day()).isEqualTo("2013-07-21");
            assertThat(day.reason()).isEqualTo("900 of 2,000 rows have a label, 80 % are needed");
        });
        assertThat(judge(new Trial().coverage(0.5)).verdict()).isEqualTo(Verdict.INSUFFICIENT_DATA);
    }

    @Test
    void aDeletedHoldoutIsInsufficientData() {
        assertThat(judge(new Trial().days(0)).verdict()).isEqualTo(Verdict.INSUFFICIENT_DATA);
    }

    @Test
    void aModelThatSawTheHoldoutIsNotJudged() {
        GateReport candidate = judge(new Trial().candidateUntil(Trial.FROM + 1));
        assertThat(candidate.verdict()).isEqualTo(Verdict.INSUFFICIENT_DATA);
        assertThat(candidate.of("holdout separation of candidate").orElseThrow().detail())
                .isEqualTo(Detail.SAW_HOLDOUT);

        GateReport champion = judge(new Trial().championUntil(Trial.FROM + 1));
        assertThat(champion.of("holdout separation of champion").orElseThrow().detail())
                .isEqualTo(Detail.SAW_HOLDOUT);
        assertThat(champion.opens(Optional.of(SIGNED))).isFalse();
    }

    @Test
    void aChampionFromOutsideMakesEveryComparisonAReviewUntilOneOfOurOwnIsChampion() {
        Evaluation evaluation = new Trial().championUntil(null).evaluation();
        GateContext sound = Trial.sound();
        GateContext declared = new GateContext(null, Trial.FROM, sound.validation(), sound.serving());
        GateReport report = GateJudge.judge(Trial.file(Trial.usual()), evaluation, declared);
        assertThat(report.verdict()).isEqualTo(Verdict.REVIEW);
        assertThat(report.opens(Optional.of(SIGNED))).isTrue();
        assertThat(report.of("holdout separation of champion").orElseThrow().text())
                .isEqualTo(
                        "The champion comes from outside: that its training ended 2013-07-18T04:00:00Z is declared and cannot be"
                                + " proven; a person must vouch for it, and for every comparison with it until a version trained here is"
                                + " champion.");
        GateContext later = new GateContext(null, Trial.FROM + 1, sound.validation(), sound.serving());
        assertThat(GateJudge.judge(Trial.file(Trial.usual()), evaluation, later).verdict())
                .isEqualTo(Verdict.INSUFFICIENT_DATA);
        assertThat(judge(new Trial()).verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void aDeclaredCutOffNeedsAPersonAndAnUndeclaredOneOpensNothing() {
        Evaluation outside = new Trial().candidateUntil(null).evaluation();
        GateContext declared = context(Trial.FROM - 1);
        GateReport review = GateJudge.judge(Trial.file(Trial.usual()), outside, declared);
        assertThat(review.verdict()).isEqualTo(Verdict.REVIEW);
        assertThat(review.text()).startsWith("A person must look").contains("declared and cannot be proven");
        assertThat(review.opens(Optional.empty())).isFalse();
        assertThat(review.opens(Optional.of(SIGNED))).isTrue();

        assertThat(GateJudge.judge(Trial.file(Trial.usual()), outside, context(Trial.FROM + 1))
                        .verdict())
                .isEqualTo(Verdict.INSUFFICIENT_DATA);
        assertThat(GateJudge.judge(Trial.file(Trial.usual()), outside, Trial.sound())
                        .of("holdout separation of candidate")
                        .orElseThrow()
                        .detail())
                .isEqualTo(Detail.CUT_OFF_UNKNOWN);
    }

    @Test
    void aFirstVersionSkipsTheChampionButNotTheFloor() {
        GateReport report = judge(new Trial().firstVersion());
        assertThat(report.verdict()).as(report.text()).isEqualTo(Verdict.PASS);
        assertThat(report.firstVersion()).isTrue();
        assertThat(report.of(CHAMPION).orElseThrow().detail()).isEqualTo(Detail.FIRST_VERSION);
        assertThat(report.text()).contains("first version");

        List<Gate> onlyChampion = List.of(Trial.gate(Gates.Kind.betterThan, "log_loss", null, "champion"));
        GateReport unjudged = judge(new Trial().firstVersion(), onlyChampion);
        assertThat(unjudged.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(unjudged.of("thresholds").orElseThrow().detail()).isEqualTo(Detail.NO_THRESHOLDS);
    }

    @Test
    void noThresholdsAcceptNothing() {
        GateReport nothing = judge(new Trial(), List.of());
        assertThat(nothing.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(nothing.text()).contains("declares no threshold on quality");

        List<Gate> onlyCost = List.of(Trial.gate(Gates.Kind.cost, "cpu_per_row", 50.0, null));
        assertThat(judge(new Trial(), onlyCost).verdict()).isEqualTo(Verdict.FAIL);
    }

    @Test
    void floorsAndCeilingsAreReachedOrMissed() {
        assertThat(judge(new Trial(), List.of(Trial.gate(Gates.Kind.atMost, "log_loss", 0.5, null)))
                        .verdict())
                .isEqualTo(Verdict.PASS);
        GateVerdict missed = only(new Trial(), Trial.gate(Gates.Kind.atMost, "log_loss", 0.3, null));
        assertThat(missed.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(missed.detail()).isEqualTo(Detail.SHOWN_WORSE);
        assertThat(missed.threshold()).isEqualTo(0.3);
        GateVerdict near = only(new Trial().daySpread(0.05), Trial.gate(Gates.Kind.atMost, "log_loss", 0.47, null));
        assertThat(near.detail()).isEqualTo(Detail.NOT_REACHED);
        GateVerdict floor =
                only(new Trial().separation(0.1, 0.1), Trial.gate(Gates.Kind.atLeast, "roc_auc", 0.62, null));
        assertThat(floor.detail()).isEqualTo(Detail.SHOWN_WORSE);
        assertThat(floor.estimate()).isBetween(0.5, 0.56);
        GateVerdict skill = only(new Trial(), Trial.gate(Gates.Kind.atLeast, "skill", 0.1, null));
        assertThat(skill.verdict()).isEqualTo(Verdict.PASS);
        assertThat(skill.estimate()).isBetween(0.1, 0.2);
    }

    @Test
    void comparesMetricsThatAreNoMeansByDrawingDays() {
        GateVerdict auc =
                only(new Trial().separation(1.4, 1.0), Trial.gate(Gates.Kind.betterThan, "roc_auc", null, "champion"));
        assertThat(auc.verdict()).as(auc.text()).isEqualTo(Verdict.PASS);
        assertThat(auc.low()).isPositive();
        assertThat(auc.deff()).isNull();
        GateVerdict lost =
                only(new Trial().separation(1.0, 1.4), Trial.gate(Gates.Kind.betterThan, "roc_auc", null, "champion"));
        assertThat(lost.detail()).isEqualTo(Detail.SHOWN_WORSE);
        GateVerdict brier = only(new Trial(), Trial.gate(Gates.Kind.betterThan, "brier", null, "champion"));
        assertThat(brier.verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void tooGoodIsReviewedNotPassed() {
        GateReport report = judge(new Trial().gain(0.24).separation(2.2, 1.1));
        assertThat(report.verdict()).isEqualTo(Verdict.REVIEW);
        GateVerdict gate = report.of("roc_auc review-above champion").orElseThrow();
        assertThat(gate.detail()).isEqualTo(Detail.TOO_GOOD);
        assertThat(gate.estimate()).isGreaterThan(0.1);
        assertThat(gate.text()).contains("too good to be true, look for a leak");
        assertThat(report.opens(Optional.of(SIGNED))).isTrue();
    }

    @Test
    void aFailureBeatsAReviewAndMissingData() {
        GateReport report =
                judge(new Trial().gain(-0.06).candidateUntil(Trial.FROM + 1).separation(2.2, 1.1));
        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(Verdict.worst(List.of(Verdict.PASS, Verdict.REVIEW, Verdict.INSUFFICIENT_DATA)))
                .isEqualTo(Verdict.INSUFFICIENT_DATA);
        assertThat(Verdict.worst(List.of(Verdict.FAIL, Verdict.ERROR))).isEqualTo(Verdict.ERROR);
        assertThat(Verdict.worst(List.of())).isEqualTo(Verdict.ERROR);
    }

    @Test
    void costsAreMeasuredOrNotPassed() {
        Gate cost = Trial.gate(Gates.Kind.cost, "cpu_per_row", 50.0, null);
        assertThat(only(new Trial(), cost).text())
                .isEqualTo(
                        "The candidate takes 12.0 us of CPU per row, within the 50.0 us allowed (champion 11.0 us).");
        assertThat(only(new Trial().cpu(Map.of("candidate", 80.0)), cost).detail())
                .isEqualTo(Detail.NOT_REACHED);
        assertThat(only(new Trial().cpu(Map.of()), cost).verdict()).isEqualTo(Verdict.INSUFFICIENT_DATA);
    }

    @Test
    void anUnknownMetricAndContradictorySumsAreErrors() {
        GateReport unknown = judge(new Trial(), List.of(Trial.gate(Gates.Kind.atLeast, "f1", 0.5, null)));
        assertThat(unknown.verdict()).isEqualTo(Verdict.ERROR);
        assertThat(unknown.text()).contains("'f1'", "log_loss, brier, roc_auc, skill");

        Evaluation sane = new Trial().evaluation();
        List<Cluster> clusters = new ArrayList<>(sane.clusters());
        Cluster day = clusters.get(0);
        clusters.set(
                0,
                new Cluster(
                        day.key(),
                        1,
                        day.labelled(),
                        day.positives(),
                        day.candidate(),
                        day.champion(),
                        day.baseline(),
                        day.againstChampion(),
                        day.againstBaseline()));
        assertThat(GateJudge.judge(Trial.file(Trial.usual()), with(sane, clusters), Trial.sound())
                        .text())
                .contains("contradicts itself", "2013-07-18");
    }

    @Test
    void daysWithoutBothOutcomesHaveNoAuc() {
        Evaluation evaluation = new Trial().evaluation();
        List<Cluster> clusters = evaluation.clusters().stream()
                .map(day -> new Cluster(
                        day.key(),
                        day.rows(),
                        day.labelled(),
                        0,
                        noPositives(day.candidate()),
                        day.champion(),
                        day.baseline(),
                        day.againstChampion(),
                        day.againstBaseline()))
                .toList();
        GateReport report = GateJudge.judge(Trial.file(Trial.usual()), with(evaluation, clusters), Trial.sound());
        assertThat(report.of("roc_auc at-least 0.62").orElseThrow().detail()).isEqualTo(Detail.NOT_MEASURED);
    }

    @Test
    void independentRowsMustBeAskedForAndAreWarnedAbout() {
        Evaluation evaluation = new Trial().gain(0.006).daySpread(0.03).evaluation();
        List<Gate> gates = List.of(Trial.gate(Gates.Kind.betterThan, "log_loss", null, "champion"));
        GateVerdict byRow = GateJudge.judge(Trial.file("none", gates), evaluation, Trial.sound())
                .of(CHAMPION)
                .orElseThrow();
        GateVerdict byDay = GateJudge.judge(Trial.file(gates), evaluation, Trial.sound())
                .of(CHAMPION)
                .orElseThrow();
        assertThat(byRow.high() - byRow.low()).isLessThan((byDay.high() - byDay.low()) / 2);
        assertThat(byRow.text()).contains("`cluster: none` makes this interval too narrow");
        assertThat(byDay.text()).doesNotContain("cluster: none");
    }

    @Test
    void brokenDataAndABrokenSignatureAreRefused() {
        GateContext.DataValidation broken =
                new GateContext.DataValidation(17, List.of("flights.carrier is missing in 5 rows"), List.of());
        GateContext.ServingContract fits = new GateContext.ServingContract(List.of(), List.of(), List.of());
        assertThat(judge(new GateContext(null, null, broken, fits))
                        .of("data validation")
                        .orElseThrow()
                        .detail())
                .isEqualTo(Detail.DATA_BROKEN);

        GateContext.DataValidation sound =
                new GateContext.DataValidation(17, List.of(), List.of("1 row of weather quarantined"));
        assertThat(judge(new GateContext(null, null, sound, fits))
                        .of("data validation")
                        .orElseThrow()
                        .text())
                .isEqualTo("All 17 constraints were checked; dealt with: 1 row of weather quarantined.");
        GateContext.ServingContract missing =
                new GateContext.ServingContract(List.of("dep_delay_min"), List.of(), List.of());
        assertThat(judge(new GateContext(null, null, sound, missing)).text())
                .contains("serving has no value for dep_delay_min");
        GateContext.ServingContract skewed = new GateContext.ServingContract(
                List.of(),
                List.of(),
                List.of(new GateContext.Skew("temp_f", 1_000, 0), new GateContext.Skew("dest_late_7d", 1_000, 12)));
        GateReport skew = judge(new GateContext(null, null, sound, skewed));
        assertThat(skew.of("serving contract").orElseThrow().detail()).isEqualTo(Detail.SKEW);
        assertThat(skew.text())
                .contains("dest_late_7d differs in 12 of 1,000 rows")
                .doesNotContain("temp_f differs");
    }

    @Test
    void whatNobodyLookedAtOpensNothing() {
        GateReport report = judge(new GateContext(null, null, null, null));
        assertThat(report.verdict()).isEqualTo(Verdict.INSUFFICIENT_DATA);
        assertThat(report.text()).contains("Nobody checked the data", "Nobody compared the candidate's signature");
    }

    @Test
    void aSignatureNeedsANameAndAReason() {
        assertThatThrownBy(() -> new Signature(" ", "fine", 1))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("name of a person");
        assertThatThrownBy(() -> new Signature("Ada", "", 1))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("Ada gives no reason");
    }

    private static Evaluation.Scores noPositives(Evaluation.Scores scores) {
        return new Evaluation.Scores(
                scores.logLoss(),
                scores.logLossSquares(),
                scores.brier(),
                scores.scoreSum(),
                new int[0],
                scores.negativeBins());
    }

    private static Cluster starved(Cluster day) {
        return new Cluster(
                day.key(),
                2_000,
                day.labelled(),
                day.positives(),
                day.candidate(),
                day.champion(),
                day.baseline(),
                day.againstChampion(),
                day.againstBaseline());
    }

    private static Evaluation with(Evaluation evaluation, List<Cluster> clusters) {
        return new Evaluation(
                evaluation.candidate(),
                evaluation.champion(),
                evaluation.holdout(),
                evaluation.candidateTrainedUntil(),
                evaluation.championTrainedUntil(),
                evaluation.from(),
                evaluation.to(),
                clusters,
                evaluation.withheld(),
                evaluation.slices(),
                evaluation.cpuMicrosPerRow());
    }

    private static GateContext context(long candidateDeclaredUntil) {
        GateContext sound = Trial.sound();
        return new GateContext(candidateDeclaredUntil, null, sound.validation(), sound.serving());
    }

    private static GateReport judge(GateContext context) {
        return GateJudge.judge(Trial.file(Trial.usual()), new Trial().evaluation(), context);
    }

    private static GateReport judge(Trial trial) {
        return judge(trial, Trial.usual());
    }

    private static GateReport judge(Trial trial, List<Gate> gates) {
        return GateJudge.judge(Trial.file(gates), trial.evaluation(), Trial.sound());
    }

    private static GateVerdict only(Trial trial, Gate gate) {
        return judge(trial, List.of(gate)).of(gate.id()).orElseThrow();
    }
}
