package dev.perennial.scoring.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequirementsTest {
    @Test
    void equalRequirementsAreWrittenOneWay() {
        List<String> one = Requirements.parse("Scikit_Learn == 1.7.2  # pinned\n\n# all\nmlflow==3.11.1\r\n");
        assertThat(one).containsExactly("mlflow==3.11.1", "scikit-learn==1.7.2");
        assertThat(Requirements.parse("mlflow==3.11.1\nscikit-learn==1.7.2\nscikit.learn==1.7.2"))
                .isEqualTo(one);
    }

    @Test
    void extrasRangesAndMarkersStay() {
        assertThat(Requirements.parse("""
                        mlflow[extras, db] >=3.1, <4
                        numpy (~=2.2)
                        tomli==2.0 ; python_version < "3.11"
                        torch==2.3.0+cpu
                        plain
                        """))
                .containsExactly(
                        "mlflow[extras,db]>=3.1,<4",
                        "numpy~=2.2",
                        "plain",
                        "tomli==2.0; python_version < \"3.11\"",
                        "torch==2.3.0+cpu");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--index-url https://evil.example/simple",
                "-i https://evil.example",
                "-e .",
                "-r other.txt",
                "--pre",
                "https://evil.example/a.whl",
                "git+https://evil.example/a.git",
                "mlflow @ https://evil.example/a.whl",
                "mlflow@https://evil.example/a.whl",
                "./code/a.whl",
                "../a.whl",
                "/tmp/a.whl",
                "C:\\a.whl",
                "mlflow==3 --hash=sha256:00",
                "mlflow==3 --global-option=x",
                "mlflow 3",
                "a b",
                "$(reboot)"
            })
    void whatIsNoNameWithVersionsIsRefused(String line) {
        assertThatThrownBy(() -> Requirements.parse("mlflow==3.11.1\n" + line))
                .isInstanceOf(PerennialException.class)
                .hasMessageStartingWith("the requirement '" + line + "' cannot be installed: only names with versions");
    }

    @Test
    void aLineThatGoesOnIsOneLine() {
        assertThatThrownBy(() -> Requirements.parse("mlflow==3 \\\n  --hash=sha256:00"))
                .isInstanceOf(PerennialException.class);
        assertThat(Requirements.parse("mlflow \\\n==3")).containsExactly("mlflow==3");
    }

    @Test
    void nothingIsNoRequirement() {
        assertThat(Requirements.parse("")).isEmpty();
        assertThat(Requirements.parse("\n  \n#x")).isEmpty();
    }

    @Test
    void aListIsBounded() {
        List<String> many = java.util.stream.IntStream.range(0, 1_001)
                .mapToObj(i -> "p" + i)
                .toList();
        assertThatThrownBy(() -> Requirements.normalised(many))
                .hasMessage("1001 requirements; at most 1000 are possible");
    }
}
