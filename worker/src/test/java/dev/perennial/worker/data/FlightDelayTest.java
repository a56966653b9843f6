package dev.perennial.worker.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.LifecycleParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FlightDelayTest {
    @Test
    void theRecordsOfTheTestsAreThoseOfTheExampleFile() throws IOException {
        Path yaml = FlightDelay.DATA.resolveSibling("lifecycle.yaml");
        LifecycleFile parsed = LifecycleParser.parse(Files.readString(yaml), yaml.getParent())
                .file()
                .orElseThrow();
        LifecycleFile records = FlightDelay.file();

        assertThat(records.sources()).isEqualTo(parsed.sources());
        assertThat(records.predict()).isEqualTo(parsed.predict());
        assertThat(records.features()).isEqualTo(parsed.features());
        assertThat(records.contract()).hasSameSizeAs(parsed.contract());
        assertThat(SnapshotRecipe.of(records))
                .isEqualTo(SnapshotRecipe.of(new LifecycleFile(
                        records.model(),
                        records.title(),
                        records.owner(),
                        records.risk(),
                        parsed.timeZone(),
                        parsed.sources(),
                        parsed.predict(),
                        records.contract(),
                        parsed.features(),
                        records.train(),
                        records.gates(),
                        records.rollout(),
                        records.monitor(),
                        records.retrain())));
    }
}
