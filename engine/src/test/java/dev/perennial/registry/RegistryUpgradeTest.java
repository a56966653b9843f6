package dev.perennial.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.ModelId;
import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A data directory from before the registry had names opens, and shows the models and versions that the loop made then. */
class RegistryUpgradeTest extends RegistryFixture {
    private static final List<String> BACK = List.of(
            "drop table registered_model",
            "drop table registered_model_tag",
            "drop table registered_version",
            "drop table registered_version_tag");

    /** The migration as it runs on SQLite; later ones do not stand in its way like this. */
    private static List<String> forth() {
        try (InputStream script = Registry.class.getResourceAsStream("/db/migration/V100__registered_models.sql")) {
            String text = new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8)
                    .replace("${strict}", " strict")
                    .replace("${clustered}", " strict, without rowid")
                    .replace("${int}", "integer");
            return Arrays.stream(text.split(";\\n"))
                    .filter(statement -> !statement.isBlank())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }

    @Test
    void modelsVersionsAndAliasesOfTheLoopAreThere() {
        loopVersion(LOOP, 1, ModelVersion.State.RETIRED);
        later();
        loopVersion(LOOP, 2, ModelVersion.State.CHAMPION);
        loopVersion(new ModelId("flight-delay", "spring"), 1, ModelVersion.State.CHAMPION);
        store.database().writing(tx -> {
            loop.alias(tx, LOOP, Registry.CHAMPION, 2, 10);
            tx.sql()
                    .execute("insert into lifecycle (model, revision, digest, folder, source_text, applied_at,"
                            + " clock_mode, clock) values ('applied-only', 1, 'd', 'f', 't', 77, 'wall', 0)");
            BACK.forEach(statement -> tx.sql().execute(statement));
            forth().forEach(statement -> tx.sql().execute(statement));
        });
        ModelName name = ModelName.of("flight-delay");
        assertThat(modelNames("")).containsExactly("applied-only", "flight-delay");
        assertThat(versions.byAlias(name, "champion").number()).isEqualTo(2);
        assertThat(versions.get(name, 1).figures()).containsEntry("log_loss", 0.5);
        assertThat(models.get(name).inLoop()).isTrue();
        assertThat(models.get(ModelName.of("applied-only")).createdAt()).isEqualTo(77);
        assertThat(version("flight-delay").number()).isEqualTo(3);
        assertThat(version("applied-only").number()).isEqualTo(1);
        refused(ErrorCode.INVALID_ARGUMENT, () -> versions.downloadUri(name, 1))
                .hasMessageContaining("cannot be downloaded here");
    }
}
