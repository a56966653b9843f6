package dev.perennial.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreSettingsTest {
    private static final Path FOLDER = Path.of("data");

    @ParameterizedTest
    @ValueSource(
            strings = {"", "postgresql://h/db", "jdbc:sqlite:/tmp/x", "jdbc:mysql://h/db", "JDBC:POSTGRESQL://h/db"})
    void onlyAddressesOfPostgresqlAreTaken(String url) {
        assertThatThrownBy(() -> StoreSettings.postgres(FOLDER, url, "", ""))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("'" + url + "' must start with jdbc:postgresql:");
    }

    @Test
    void aLimitBelowNothingIsRefused() {
        assertThat(StoreSettings.local(FOLDER).limitedTo(0).sizeLimitBytes()).isZero();
        assertThatThrownBy(() -> StoreSettings.local(FOLDER).limitedTo(-1)).hasMessageContaining("0 or more bytes");
    }

    @Test
    void aQuestionMarkInTheFolderWouldBecomeSettingsOfTheDriver() {
        assertThatThrownBy(() -> StoreSettings.local(Path.of("a?journal_mode=off")))
                .hasMessageContaining("must not contain '?'");
    }

    @Test
    void theFolderIsMadeAbsoluteOnce() {
        assertThat(StoreSettings.local(Path.of("a/../b")).dataDir())
                .isEqualTo(Path.of("b").toAbsolutePath());
    }

    @Test
    void thePasswordIsNotInTheText() {
        StoreSettings settings = new StoreSettings(FOLDER, Optional.of("jdbc:postgresql://h/db"), "user", "hunter2", 0);
        assertThat(settings.toString()).contains("jdbc:postgresql://h/db").doesNotContain("hunter2");
    }
}
