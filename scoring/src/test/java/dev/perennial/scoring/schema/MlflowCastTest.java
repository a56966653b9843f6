package dev.perennial.scoring.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The casts of mode mlflow against the recorded answers of a real server. */
class MlflowCastTest {
    @ParameterizedTest
    @EnumSource(ScalarType.class)
    void everyCellIsWhatTheRealServerMadeOfIt(ScalarType type) {
        List<String> different = new ArrayList<>();
        int cells = 0;
        for (MlflowCell cell : MlflowCell.all()) {
            if (cell.type().equals(type.word())) {
                cells++;
                String ours = cell.answeredBy(Caster.MLFLOW);
                if (!ours.equals(cell.expected())) {
                    different.add(cell.name() + ": ours " + ours + ", theirs " + cell.expected());
                }
            }
        }
        assertThat(cells).isEqualTo(520);
        assertThat(String.join("\n", different)).isEmpty();
    }

    /** Missing values, bytes in arrays, zones and the last digit in CSV are the named exceptions: there strict mode says more. */
    @Test
    void whatStrictModeLetsPassMlflowUnderstandsTheSame() {
        List<String> different = new ArrayList<>();
        int passed = 0;
        for (MlflowCell cell : MlflowCell.all()) {
            String strict = cell.answeredBy(Caster.STRICT);
            boolean absent = cell.values().matches("(?s).*(null|NaN|NA|None|nan|N/A).*")
                    || cell.form().endsWith("gaps");
            boolean named = cell.type().equals("binary")
                    || cell.type().equals("datetime")
                    || cell.form().equals("csv") && cell.values().length() > 17;
            if (!strict.startsWith("400") && !absent && !named) {
                passed++;
                if (!strict.equals(cell.expected())) {
                    different.add(cell.name() + ": strict " + strict + ", mlflow " + cell.expected());
                }
            }
        }
        assertThat(passed).isGreaterThan(500);
        assertThat(String.join("\n", different)).isEmpty();
    }
}
