package dev.perennial.governance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FirstAdministratorTest extends GovernanceFixture {
    private static final String TOO_LATE =
            "this set-up address is used up or too old; start the server again for a new one";

    @Override
    StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }

    @Test
    void theSecretMakesOneAdministrator() {
        String secret = room.setUp().secret();
        assertThat(room.setUp().administrator(secret, "root", PASSWORD).administrator())
                .isTrue();
        refused(
                ErrorCode.PERMISSION_DENIED,
                TOO_LATE,
                () -> room.setUp().administrator(secret, "eve", "eves secret words"));
    }

    @Test
    void aQuarterOfAnHourLaterItIsTooOld() {
        String secret = room.setUp().secret();
        clock.advance(SetUp.LIFE);
        refused(ErrorCode.PERMISSION_DENIED, TOO_LATE, () -> room.setUp().administrator(secret, "root", PASSWORD));
    }

    @Test
    void aNewStartMakesTheSecretBeforeVoid() {
        String first = room.setUp().secret();
        String second = room.setUp().secret();
        refused(ErrorCode.PERMISSION_DENIED, TOO_LATE, () -> room.setUp().administrator(first, "root", PASSWORD));
        assertThat(room.setUp().administrator(second, "root", PASSWORD).name()).isEqualTo("root");
    }

    @Test
    void aRefusedPasswordOrNameDoesNotUseTheSecretUp() {
        String secret = room.setUp().secret();
        refused(ErrorCode.INVALID_ARGUMENT, () -> room.setUp().administrator(secret, "root", "short"));
        refused(ErrorCode.INVALID_ARGUMENT, () -> room.setUp().administrator(secret, "not a name", PASSWORD));
        assertThat(room.setUp().administrator(secret, "root", PASSWORD).name()).isEqualTo("root");
    }

    @Test
    void theSecretItselfIsNotStored() {
        String secret = room.setUp().secret();
        String stored = store.database()
                .read(sql -> sql.createQuery("select secret from setup_secret")
                        .mapTo(String.class)
                        .one());
        assertThat(stored).isNotEqualTo(secret).matches("[0-9a-f]{64}");
    }
}
