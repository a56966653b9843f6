package dev.perennial.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.store.ledger.LedgerEntry;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The room on one dialect with an administrator and a person, and short ways to ask it. */
abstract class GovernanceFixture {
    static final String PASSWORD = "anns secret words";
    static final Caller ROOT = Caller.internal("test");
    static final String ADDRESS = "192.0.2.1";

    @TempDir
    Path folder;

    final TestClock clock = TestClock.fixed();
    Store store;
    GovernanceRoom room;

    abstract StoreSettings storage(Path folder);

    @BeforeEach
    void open() {
        store = Store.open(storage(folder), clock, SeededIds.of(1, clock), new SecureRandom());
        room = room(Optional.empty());
    }

    /** Another server on the same database. */
    GovernanceRoom room(Optional<Right> everybody) {
        return GovernanceRoom.of(store.database(), clock, new SecureRandom(), everybody);
    }

    @AfterEach
    void close() {
        store.close();
    }

    Account person(String name) {
        return room.accounts().create(ROOT, new Accounts.NewAccount(name, Account.Kind.PERSON, PASSWORD, false));
    }

    Account administrator(String name) {
        return room.accounts().create(ROOT, new Accounts.NewAccount(name, Account.Kind.PERSON, PASSWORD, true));
    }

    /** As the gate makes it, without a password to compute. */
    Caller caller(String name) {
        return Caller.of(room.accounts().get(name), Caller.How.PASSWORD);
    }

    Tokens.Issued token(String owner) {
        return room.tokens().issue(ROOT, new Tokens.NewToken(owner, "laptop", null, null, Tokens.LIFE_DEFAULT));
    }

    Tokens.Issued token(String owner, String project, Role role) {
        return room.tokens().issue(ROOT, new Tokens.NewToken(owner, "narrow", project, role, Duration.ofDays(1)));
    }

    Caller bearer(String token) {
        return room.authentication().byHeader("Bearer " + token, ADDRESS);
    }

    static String basic(String name, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    List<LedgerEntry> told() {
        return store.ledger()
                .entries(AccessLedger.STREAM, new PageRequest(1000, Optional.empty()))
                .items();
    }

    List<String> actions() {
        return told().stream().map(LedgerEntry::action).toList();
    }

    static void refused(ErrorCode code, ThrowingCallable work) {
        assertThatThrownBy(work)
                .isInstanceOfSatisfying(
                        PerennialException.class,
                        failure -> assertThat(failure.code()).isEqualTo(code));
    }

    static void refused(ErrorCode code, String message, ThrowingCallable work) {
        refused(code, work);
        assertThatThrownBy(work).hasMessage(message);
    }
}
