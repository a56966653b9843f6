package dev.perennial.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.ledger.LedgerEntry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Passwords, tokens and sessions on every dialect. Each runs all of it. */
abstract class SignInContract extends GovernanceFixture {
    @BeforeEach
    void ann() {
        person("ann");
    }

    private Caller basicAnn(String password) {
        return room.authentication().byHeader(basic("ann", password), ADDRESS);
    }

    @Test
    void aPasswordSaysWhoOneIs() {
        Caller caller = basicAnn(PASSWORD);
        assertThat(caller.name()).isEqualTo("ann");
        assertThat(caller.how()).isEqualTo(Caller.How.PASSWORD);
        assertThat(caller.administrator()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Basic",
                "Basic ",
                "Basic !!!",
                "Basic YW5u",
                "Bearer",
                "Bearer ",
                "Bearer x",
                "Bearer pnl_pat_aaaaaaaaaaaa_x",
                "Digest a",
                "",
                "basic Og==",
                "Negotiate x"
            })
    void whatProvesNothingIsRefusedAlike(String header) {
        refused(
                ErrorCode.UNAUTHENTICATED,
                "You are not authenticated. Sign in with a user name and password, or with a token",
                () -> room.authentication().byHeader(header, ADDRESS));
    }

    @Test
    void aWrongNameIsAnsweredLikeAWrongPassword() {
        assertThatThrownBy(() -> basicAnn("wrong wrong wrong"))
                .hasMessage(messageOf(() -> room.authentication().byHeader(basic("nobody", PASSWORD), ADDRESS)));
    }

    private static String messageOf(Runnable work) {
        try {
            work.run();
            throw new AssertionError("it went well");
        } catch (PerennialException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void passwordsMayHoldColonsSpacesAndAnyCharacter() {
        for (String password : List.of("a:b:c:d:e:f:g", "größe 日本 und mehr \u00e9", "  leading and trailing  ")) {
            room.accounts().password(ROOT, "ann", password);
            assertThat(basicAnn(password).name()).isEqualTo("ann");
        }
    }

    @Test
    void theEndOfALongPasswordCounts() {
        String longest = "abcd".repeat(32);
        room.accounts().password(ROOT, "ann", longest);
        assertThat(basicAnn(longest).name()).isEqualTo("ann");
        refused(ErrorCode.UNAUTHENTICATED, () -> basicAnn(longest.substring(0, 127) + "x"));
        refused(ErrorCode.UNAUTHENTICATED, () -> basicAnn(longest + "a"));
    }

    @Test
    void aNewPasswordHoldsAtOnceOnBothServers() {
        GovernanceRoom other = room(Optional.empty());
        String header = basic("ann", PASSWORD);
        other.authentication().byHeader(header, ADDRESS);
        room.accounts().password(ROOT, "ann", "other secret words");
        refused(ErrorCode.UNAUTHENTICATED, () -> other.authentication().byHeader(header, ADDRESS));
    }

    @Test
    void aDisabledAccountIsOutAtOnceWithEverythingItHad() {
        String header = basic("ann", PASSWORD);
        GovernanceRoom other = room(Optional.empty());
        other.authentication().byHeader(header, ADDRESS);
        String token = token("ann").text();
        String session = room.authentication().signIn("ann", PASSWORD, ADDRESS);
        room.accounts().disabled(ROOT, "ann", true);
        refused(ErrorCode.UNAUTHENTICATED, () -> other.authentication().byHeader(header, ADDRESS));
        refused(ErrorCode.UNAUTHENTICATED, () -> bearer(token));
        assertThat(other.authentication().bySession(session)).isEmpty();
    }

    @Test
    void whoGuessesWaitsAndOthersDoNot() {
        for (int i = 0; i < 5; i++) {
            refused(ErrorCode.UNAUTHENTICATED, () -> basicAnn("wrong wrong wrong"));
        }
        refused(ErrorCode.TOO_MANY_REQUESTS, () -> basicAnn("wrong wrong wrong"));
        refused(ErrorCode.TOO_MANY_REQUESTS, () -> basicAnn(PASSWORD));
        assertThat(room.authentication()
                        .byHeader(basic("ann", PASSWORD), "198.51.100.7")
                        .name())
                .as("ann herself, elsewhere")
                .isEqualTo("ann");
    }

    @Test
    void afterTheWaitTheRightPasswordOpens() {
        for (int i = 0; i < 5; i++) {
            refused(ErrorCode.UNAUTHENTICATED, () -> basicAnn("wrong wrong wrong"));
        }
        clock.advance(Duration.ofSeconds(1));
        assertThat(basicAnn(PASSWORD).name()).isEqualTo("ann");
    }

    @Test
    void failuresOfOneAddressAreOneEntryAMinute() {
        for (int i = 0; i < 3; i++) {
            refused(ErrorCode.UNAUTHENTICATED, () -> basicAnn("wrong wrong wrong"));
        }
        refused(
                ErrorCode.UNAUTHENTICATED,
                () -> room.authentication().byHeader(basic("ann", "wrong wrong wrong"), "198.51.100.7"));
        assertThat(actions()).filteredOn("auth.login.fail"::equals).hasSize(2);
        clock.advance(Duration.ofMinutes(1));
        refused(ErrorCode.UNAUTHENTICATED, () -> basicAnn("wrong wrong wrong"));
        assertThat(actions()).filteredOn("auth.login.fail"::equals).hasSize(3);
        assertThat(told())
                .filteredOn(entry -> entry.action().equals("auth.login.fail"))
                .extracting(LedgerEntry::object)
                .contains("address:" + ADDRESS, "address:198.51.100.7");
    }

    @Test
    void aSignInIsToldOnceAndNotWithEachRequest() {
        basicAnn(PASSWORD);
        basicAnn(PASSWORD);
        assertThat(actions()).filteredOn("auth.login.ok"::equals).hasSize(1);
        clock.advance(VerifiedOnce.KEPT);
        basicAnn(PASSWORD);
        assertThat(actions()).filteredOn("auth.login.ok"::equals).hasSize(2);
    }

    @Test
    void aTokenIsShownOnceAndKeptAsItsHash() {
        Tokens.Issued issued = token("ann");
        assertThat(issued.text()).matches("pnl_pat_[a-z2-7]{12}_[0-9A-Za-z]{49}");
        String stored = store.database()
                .read(sql -> sql.createQuery("select secret from account_token")
                        .mapTo(String.class)
                        .one());
        assertThat(issued.text()).doesNotContain(stored);
        assertThat(stored).matches("[0-9a-f]{64}");
        assertThat(issued.toString()).doesNotContain(issued.text());
        assertThat(told().toString()).doesNotContain(issued.text());
    }

    @Test
    void aTokenWorksAsBearerAndAsPassword() {
        String token = token("ann").text();
        assertThat(bearer(token).how()).isEqualTo(Caller.How.TOKEN);
        for (String name : List.of("ann", "", "token")) {
            assertThat(room.authentication()
                            .byHeader(basic(name, token), ADDRESS)
                            .name())
                    .isEqualTo("ann");
        }
        refused(ErrorCode.UNAUTHENTICATED, () -> room.authentication().byHeader(basic("bob", token), ADDRESS));
    }

    @Test
    void aChangedTokenIsNone() {
        String token = token("ann").text();
        char last = token.charAt(token.length() - 1);
        refused(
                ErrorCode.UNAUTHENTICATED,
                () -> bearer(token.substring(0, token.length() - 1) + (last == 'a' ? 'b' : 'a')));
        refused(ErrorCode.UNAUTHENTICATED, () -> bearer(token.replace("pnl_pat_", "pnl_svc_")));
        refused(ErrorCode.UNAUTHENTICATED, () -> bearer(token + "x"));
        String other = token("ann").text();
        refused(ErrorCode.UNAUTHENTICATED, () -> bearer(token.substring(0, 21) + other.substring(21)));
    }

    @Test
    void aTokenEndsWithItsTime() {
        String token = token("ann", "default", Role.VIEWER).text();
        clock.advance(Duration.ofDays(1).minusMillis(1));
        assertThat(bearer(token).name()).isEqualTo("ann");
        clock.advance(Duration.ofMillis(1));
        refused(ErrorCode.UNAUTHENTICATED, () -> bearer(token));
    }

    @Test
    void aRevokedTokenIsDeadOnTheOtherServerAtOnce() {
        Tokens.Issued issued = token("ann");
        GovernanceRoom other = room(Optional.empty());
        String header = "Bearer " + issued.text();
        assertThat(other.authentication().byHeader(header, ADDRESS).name()).isEqualTo("ann");
        room.tokens().revoke(ROOT, issued.token().id());
        refused(ErrorCode.UNAUTHENTICATED, () -> other.authentication().byHeader(header, ADDRESS));
        assertThat(actions()).contains("auth.token.create", "auth.token.revoke");
    }

    @Test
    void theUseOfATokenIsShownToTheMinute() {
        Tokens.Issued issued = token("ann");
        assertThat(room.tokens().of("ann").getFirst().usedAt()).isNull();
        bearer(issued.text());
        Long first = room.tokens().of("ann").getFirst().usedAt();
        assertThat(first).isEqualTo(clock.millis());
        clock.advance(Duration.ofSeconds(59));
        bearer(issued.text());
        assertThat(room.tokens().of("ann").getFirst().usedAt()).isEqualTo(first);
        clock.advance(Duration.ofSeconds(1));
        bearer(issued.text());
        assertThat(room.tokens().of("ann").getFirst().usedAt()).isEqualTo(clock.millis());
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 367, 100_000})
    void aTokenLastsADayToAYear(long days) {
        refused(
                ErrorCode.INVALID_ARGUMENT,
                "a token lasts 1 to 366 days, got " + days,
                () -> new Tokens.NewToken("ann", "x", null, null, Duration.ofDays(days)));
    }

    @Test
    void aTokenForAProjectThatIsNotThereIsRefused() {
        refused(ErrorCode.NOT_FOUND, "Workspace 'nowhere' not found", () -> token("ann", "nowhere", Role.VIEWER));
    }

    @Test
    void aSessionLastsWhileItIsUsed() {
        String session = room.authentication().signIn("ann", PASSWORD, ADDRESS);
        for (int i = 0; i < 10; i++) {
            clock.advance(Duration.ofMinutes(20));
            assertThat(room.authentication().bySession(session)).isPresent();
        }
        clock.advance(Sessions.IDLE);
        assertThat(room.authentication().bySession(session)).isEmpty();
    }

    @Test
    void aSessionEndsAfterTwelveHoursHoweverBusy() {
        String session = room.authentication().signIn("ann", PASSWORD, ADDRESS);
        for (int i = 0; i < 36; i++) {
            assertThat(room.authentication().bySession(session)).isPresent();
            clock.advance(Duration.ofMinutes(20));
        }
        assertThat(room.authentication().bySession(session)).isEmpty();
    }

    @Test
    void signingOutEndsTheSessionOnTheServer() {
        String session = room.authentication().signIn("ann", PASSWORD, ADDRESS);
        room.authentication().signOut(caller("ann"), session);
        assertThat(room.authentication().bySession(session)).isEmpty();
        assertThat(actions()).contains("auth.logout");
    }

    @Test
    void aNewPasswordEndsAllSessions() {
        String session = room.authentication().signIn("ann", PASSWORD, ADDRESS);
        clock.advance(Duration.ofSeconds(1));
        room.accounts().password(ROOT, "ann", "other secret words");
        assertThat(room.authentication().bySession(session)).isEmpty();
    }

    @Test
    void eachSignInIsASessionOfItsOwn() {
        String first = room.authentication().signIn("ann", PASSWORD, ADDRESS);
        String second = room.authentication().signIn("ann", PASSWORD, ADDRESS);
        assertThat(first).isNotEqualTo(second);
        room.authentication().signOut(caller("ann"), first);
        assertThat(room.authentication().bySession(second)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "' or 1=1 --", "0000000000000000000000000000000000000000000000000"})
    void whatNoSessionHasOpensNone(String session) {
        assertThat(room.authentication().bySession(session)).isEmpty();
    }

    private static final String OTHER = "anns other words";

    @Test
    void whoChangesThePasswordInABrowserStaysThereAndNowhereElse() {
        String here = room.authentication().signIn("ann", PASSWORD, ADDRESS);
        String elsewhere = room.authentication().signIn("ann", PASSWORD, ADDRESS);
        Caller browser = room.authentication().bySession(here).orElseThrow();
        String fresh =
                room.authentication().change(browser, PASSWORD, OTHER, ADDRESS).orElseThrow();
        assertThat(room.authentication().bySession(elsewhere)).isEmpty();
        assertThat(room.authentication().bySession(here)).isEmpty();
        assertThat(room.authentication().bySession(fresh)).isPresent();
        assertThat(actions()).endsWith("auth.password.change");
    }

    @Test
    void aPasswordChangeWithoutABrowserBeginsNoSession() {
        assertThat(room.authentication().change(caller("ann"), PASSWORD, OTHER, ADDRESS))
                .isEmpty();
    }

    @Test
    void aWrongPresentPasswordChangesNothing() {
        refused(
                ErrorCode.INVALID_ARGUMENT,
                "the current password is not right",
                () -> room.authentication().change(caller("ann"), "not this one", OTHER, ADDRESS));
        assertThat(room.authentication()
                        .byHeader(basic("ann", PASSWORD), ADDRESS)
                        .name())
                .isEqualTo("ann");
        assertThat(actions()).doesNotContain("auth.password.change");
    }

    @Test
    void aNewPasswordThatIsTooWeakLeavesTheOldOneAndTheSession() {
        String session = room.authentication().signIn("ann", PASSWORD, ADDRESS);
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> room.authentication().change(caller("ann"), PASSWORD, "password1234", ADDRESS));
        assertThat(room.authentication().bySession(session)).isPresent();
    }

    @Test
    void whoGuessesThePresentPasswordElsewhereDoesNotKeepTheOwnerFromChangingIt() {
        Caller ann = caller("ann");
        for (int i = 0; i < 5; i++) {
            refused(
                    ErrorCode.INVALID_ARGUMENT,
                    () -> room.authentication().change(ann, "not this one", OTHER, "203.0.113.9"));
        }
        refused(ErrorCode.TOO_MANY_REQUESTS, () -> room.authentication().change(ann, PASSWORD, OTHER, "203.0.113.9"));
        room.authentication().change(ann, PASSWORD, OTHER, ADDRESS);
    }
}
