package dev.perennial.gates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VerdictTest {
    private static final Signature ANN = new Signature("ann", "the new feed explains it", 7);

    @Test
    void theWholeIsAsBadAsItsWorstPart() {
        assertThat(Verdict.worst(List.of(Verdict.PASS, Verdict.PASS))).isEqualTo(Verdict.PASS);
        assertThat(Verdict.worst(List.of(Verdict.PASS, Verdict.REVIEW))).isEqualTo(Verdict.REVIEW);
        assertThat(Verdict.worst(List.of(Verdict.REVIEW, Verdict.INSUFFICIENT_DATA)))
                .isEqualTo(Verdict.INSUFFICIENT_DATA);
        assertThat(Verdict.worst(List.of(Verdict.INSUFFICIENT_DATA, Verdict.FAIL)))
                .isEqualTo(Verdict.FAIL);
        assertThat(Verdict.worst(List.of(Verdict.FAIL, Verdict.ERROR))).isEqualTo(Verdict.ERROR);
    }

    @Test
    void nothingJudgedIsAnErrorAndNeverAPass() {
        assertThat(Verdict.worst(List.of())).isEqualTo(Verdict.ERROR);
    }

    @ParameterizedTest
    @EnumSource(Verdict.class)
    void onlyAPassOpensByItself(Verdict verdict) {
        assertThat(report(verdict).opens(Optional.empty())).isEqualTo(verdict == Verdict.PASS);
    }

    @ParameterizedTest
    @EnumSource(Verdict.class)
    void aSignatureOpensAReviewAndNothingElse(Verdict verdict) {
        assertThat(report(verdict).opens(Optional.of(ANN)))
                .isEqualTo(verdict == Verdict.PASS || verdict == Verdict.REVIEW);
    }

    @Test
    void aSignatureNeedsANameAndAReason() {
        assertThatThrownBy(() -> new Signature(" ", "why", 7))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("a signature needs the name of a person");
        assertThatThrownBy(() -> new Signature("ann", " ", 7))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("the signature of ann gives no reason");
    }

    @Test
    void aReportIsReadBackFromTheEvidenceOfItsVersion() {
        GateReport report = GateJudge.judge(Trial.file(Trial.usual()), new Trial().evaluation(), Trial.sound());
        assertThat(Json.convert(Json.tree(report), GateReport.class)).isEqualTo(report);
    }

    @Test
    void aVerdictIsFoundByItsGate() {
        GateReport report = GateJudge.judge(Trial.file(Trial.usual()), new Trial().evaluation(), Trial.sound());
        assertThat(report.of("roc_auc at-least 0.62")).isPresent();
        assertThat(report.of("roc_auc at-least 0.63")).isEmpty();
    }

    private static GateReport report(Verdict verdict) {
        return new GateReport(verdict, List.of(), List.of(), 0, 0, false, "");
    }
}
