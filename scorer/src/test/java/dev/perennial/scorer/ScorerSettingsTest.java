package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.python.PythonLimits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScorerSettingsTest {
    private static final List<String> NEEDED = List.of(
            "--server",
            "http://127.0.0.1:7300",
            "--id",
            "s1",
            "--spool",
            "/d/spool",
            "--blobs",
            "/d/blobs",
            "--token-file",
            "/d/token");

    private static ScorerSettings parse(String... more) {
        List<String> all = new ArrayList<>(NEEDED);
        all.addAll(List.of(more));
        return ScorerSettings.parse(all.toArray(String[]::new));
    }

    @Test
    void whatIsNotGivenHasItsDefault() {
        ScorerSettings settings = parse();
        assertThat(settings.port()).isZero();
        assertThat(settings.installation()).isEmpty();
        assertThat(settings.defaultEndpoint()).isEmpty();
        assertThat(settings.natives()).isEqualTo(Path.of("/d/native"));
        assertThat(settings.limits()).isEqualTo(ScorerSettings.Limits.DEFAULT);
    }

    @Test
    void everyLimitIsRead() {
        assertThat(parse(
                                "--spool-bytes",
                                "1",
                                "--segment-bytes",
                                "2",
                                "--segment-age-millis",
                                "3",
                                "--batch-rows",
                                "4",
                                "--body-bytes",
                                "1024",
                                "--shadow-rows",
                                "6",
                                "--queued-requests",
                                "7",
                                "--event-loops",
                                "2",
                                "--model-memory",
                                "8",
                                "--drain-wait",
                                "9",
                                "--log-memory",
                                "8193",
                                "--installation",
                                "i")
                        .limits())
                .isEqualTo(new ScorerSettings.Limits(1, 2, 3, 4, 1024, 6, 7, 2, 8, 9, 8_192));
    }

    @Test
    void aCollectorWithoutAPathGetsThatOfTraces() {
        assertThat(parse("--otlp-endpoint", "http://c:4318").telemetry().collector())
                .hasToString("http://c:4318/v1/traces");
        assertThat(parse("--otlp-endpoint", "https://c/in").telemetry().collector())
                .hasToString("https://c/in");
        assertThat(parse().telemetry()).isEqualTo(ScorerSettings.Telemetry.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"c:4318", "grpc://c", "http://", "a b"})
    void aCollectorThatIsNoUrlIsRefused(String url) {
        assertThatThrownBy(() -> parse("--otlp-endpoint", url))
                .hasMessage("--otlp-endpoint '" + url + "' must look like http://127.0.0.1:4318");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.1", "1.1", "NaN", "half"})
    void aTraceShareIsBetweenZeroAndOne(String share) {
        assertThatThrownBy(() -> parse("--trace-share", share))
                .hasMessage("--trace-share '" + share + "' must be a number from 0 to 1");
    }

    @Test
    void theVariableOfOpenTelemetryStandsForAMissingFlagOnly() {
        assertThat(ScorerMain.withCollector(new String[] {"--id", "s"}, "http://c:4318"))
                .containsExactly("--id", "s", "--otlp-endpoint", "http://c:4318");
        assertThat(ScorerMain.withCollector(new String[] {"--otlp-endpoint", "http://d"}, "http://c:4318"))
                .containsExactly("--otlp-endpoint", "http://d");
        assertThat(ScorerMain.withCollector(new String[0], null)).isEmpty();
        assertThat(ScorerMain.withCollector(new String[0], " ")).isEmpty();
    }

    @Test
    void pythonModelsHaveTheirLimitsAndTheirFolder() {
        assertThat(parse().python())
                .isEqualTo(new ScorerSettings.Python(Path.of("/d/environments"), PythonLimits.DEFAULT));
        assertThat(parse(
                                "--environments",
                                "/e",
                                "--python-resident-bytes",
                                "2000000",
                                "--python-timeout-millis",
                                "3",
                                "--python-start-millis",
                                "4",
                                "--python-recycle-after",
                                "5")
                        .python())
                .isEqualTo(new ScorerSettings.Python(Path.of("/e"), new PythonLimits(2_000_000, 3, 4, 5, 256, 64)));
    }

    @Test
    void theDefaultEndpointIsNamed() {
        assertThat(parse("--default-endpoint", "flights").defaultEndpoint()).isEqualTo("flights");
    }

    @ParameterizedTest
    @CsvSource({"--server", "--id", "--spool", "--blobs", "--token-file"})
    void whatIsNeededIsNamedWhenItIsMissing(String flag) {
        List<String> rest = new ArrayList<>(NEEDED);
        int at = rest.indexOf(flag);
        rest.subList(at, at + 2).clear();
        assertThatThrownBy(() -> ScorerSettings.parse(rest.toArray(String[]::new)))
                .isInstanceOf(PerennialException.class)
                .hasMessage("flag " + flag + " is missing");
    }

    @Test
    void anUnknownFlagIsRefusedWithAllKnownOnes() {
        assertThatThrownBy(() -> parse("--color", "red"))
                .hasMessageStartingWith("unknown flag '--color'; known are --batch-rows --blobs")
                .hasMessageContaining("--installation");
    }

    @Test
    void aFlagStandsOnceAndHasAValue() {
        assertThatThrownBy(() -> parse("--port", "1", "--port", "2")).hasMessage("flag --port needs exactly one value");
        assertThatThrownBy(() -> parse("--port")).hasMessage("flag --port needs exactly one value");
    }

    @ParameterizedTest
    @CsvSource({"--port,65536", "--port,-1", "--port,abc", "--segment-bytes,0", "--batch-rows,1.5", "--spool-bytes,-1"})
    void aNumberOutOfItsBoundsIsRefusedByName(String flag, String value) {
        assertThatThrownBy(() -> parse(flag, value))
                .isInstanceOf(PerennialException.class)
                .hasMessageStartingWith(flag + " '" + value + "' must be a whole number from ");
    }
}
