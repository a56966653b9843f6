package dev.perennial.gates;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SliceGateTest {
    private static final String GATE = "log_loss not-worse-than champion by origin";

    @Test
    void everySliceMustBeShownNotWorse() {
        GateVerdict gate =
                judge(new Trial().slice("EWR", 0.02).slice("JFK", 0.0).slice("LGA", 0.01), 0.03);
        assertThat(gate.verdict()).as(gate.text()).isEqualTo(Verdict.PASS);
        assertThat(gate.parts()).hasSize(3);
        assertThat(gate.threshold()).isEqualTo(0.03);
        assertThat(gate.text()).startsWith("3 of 3 slices of origin pass. Worst, origin=JFK: ");
    }

    @Test
    void oneSliceShownWorseFailsTheGateAndIsNamed() {
        GateVerdict gate =
                judge(new Trial().slice("EWR", 0.02).slice("JFK", -0.12).slice("LGA", 0.01), 0.03);
        assertThat(gate.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(gate.detail()).isEqualTo(Detail.SHOWN_WORSE);
        assertThat(gate.text())
                .startsWith("2 of 3 slices of origin pass. Worst, origin=JFK")
                .contains("worse by more than the margin");
    }

    @Test
    void aSliceWhoseIntervalReachesAcrossTheMarginIsNotShown() {
        GateVerdict gate = judge(new Trial().daySpread(0.05).slice("EWR", 0.02).slice("JFK", -0.03), 0.03);
        assertThat(gate.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(gate.detail()).isEqualTo(Detail.NOT_SHOWN_NOT_WORSE);
    }

    @Test
    void amongManySlicesOneThatLooksWorseByALittleIsNotAccused() {
        Trial trial = new Trial().daySpread(0.02).sliceRows(200).slice("bad", -0.009);
        GateVerdict alone = judge(trial, 0.0);
        assertThat(alone.detail()).as(alone.text()).isEqualTo(Detail.SHOWN_WORSE);
        for (int i = 0; i < 60; i++) {
            trial.slice("z" + i, 0.08);
        }
        GateVerdict gate = judge(trial, 0.0);
        assertThat(gate.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(gate.detail()).as(gate.text()).isEqualTo(Detail.NOT_SHOWN_NOT_WORSE);
        assertThat(gate.text()).contains("by chance");
    }

    @Test
    void smallSlicesAreNamedNotJudged() {
        Trial trial = new Trial().sliceRows(10).slice("EWR", 0.02).slice("JFK", 0.02);
        GateVerdict gate = judge(trial, 0.03);
        assertThat(gate.verdict()).isEqualTo(Verdict.INSUFFICIENT_DATA);
        assertThat(gate.detail()).isEqualTo(Detail.TOO_FEW_ROWS);
        assertThat(gate.text()).isEqualTo("No slice of origin has 200 labelled rows, so none can be judged: EWR, JFK.");
        assertThat(judge(new Trial(), 0.03).text())
                .isEqualTo("No slice of origin has 200 labelled rows, so none can be judged.");
    }

    @Test
    void slicesLeaveOutWithheldDays() {
        Trial trial =
                new Trial().withhold(0, "feed dead").withhold(1, "feed dead").slice("EWR", 0.02);
        assertThat(judge(trial, 0.03).clusters()).isEqualTo(12);
        for (int day = 2; day < 7; day++) {
            trial.withhold(day, "feed dead");
        }
        assertThat(judge(trial, 0.03).detail()).isEqualTo(Detail.TOO_FEW_DAYS);
    }

    private static GateVerdict judge(Trial trial, double margin) {
        return GateJudge.judge(Trial.file(List.of(Trial.slices(margin))), trial.evaluation(), Trial.sound())
                .of(GATE)
                .orElseThrow();
    }
}
