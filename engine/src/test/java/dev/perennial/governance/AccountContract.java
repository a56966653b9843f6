package dev.perennial.governance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PageRequest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Accounts on every dialect. Each runs all of it. */
abstract class AccountContract extends GovernanceFixture {
    @Test
    void aNewInstallationHasNobody() {
        assertThat(room.accounts().none()).isTrue();
        person("ann");
        assertThat(room.accounts().none()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "-ann", "ann/bob", "ann:bob", "ann\n", "../ann", "änne", "<b>"})
    void namesThatWouldConfuseAreRefused(String name) {
        refused(ErrorCode.INVALID_ARGUMENT, () -> person(name));
        assertThat(room.accounts().none()).isTrue();
    }

    @Test
    void aNameIsGivenOnce() {
        person("ann");
        refused(ErrorCode.ALREADY_EXISTS, "User 'ann' already exists", () -> person("ann"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "short", "elevenchars", "password1234", "PASSWORD1234", "aaaaaaaaaaaa", "ababababababab"})
    void passwordsThatAnybodyWouldTryAreRefused(String password) {
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> room.accounts()
                        .create(ROOT, new Accounts.NewAccount("ann", Account.Kind.PERSON, password, false)));
    }

    @Test
    void thePasswordIsKeptAsArgon2idAndNothingElse() {
        Account ann = person("ann");
        assertThat(room.accounts().phc(ann.id()).orElseThrow())
                .startsWith("$argon2id$v=19$m=19456,t=2,p=1$")
                .doesNotContain("secret");
    }

    @Test
    void twoPeopleWithOnePasswordHaveDifferentStrings() {
        assertThat(room.accounts().phc(person("ann").id()))
                .isNotEqualTo(room.accounts().phc(person("bob").id()));
    }

    @Test
    void theLastAdministratorStays() {
        administrator("root");
        String why = "'root' is the last administrator; make another one before";
        refused(ErrorCode.INVALID_STATE, why, () -> room.accounts().delete(ROOT, "root"));
        refused(ErrorCode.INVALID_STATE, why, () -> room.accounts().disabled(ROOT, "root", true));
        refused(ErrorCode.INVALID_STATE, why, () -> room.accounts().administrator(ROOT, "root", false));
    }

    @Test
    void aDisabledAdministratorDoesNotCountAsAnother() {
        administrator("root");
        administrator("eve");
        room.accounts().disabled(ROOT, "eve", true);
        refused(ErrorCode.INVALID_STATE, () -> room.accounts().delete(ROOT, "root"));
        room.accounts().disabled(ROOT, "eve", false);
        room.accounts().delete(ROOT, "root");
        assertThat(room.accounts().get("eve").administrator()).isTrue();
    }

    @Test
    void aServiceHasNoPasswordAndIsNoAdministrator() {
        for (Accounts.NewAccount wrong : List.of(
                new Accounts.NewAccount("ci", Account.Kind.SERVICE, PASSWORD, false),
                new Accounts.NewAccount("ci", Account.Kind.SERVICE, null, true))) {
            refused(ErrorCode.INVALID_ARGUMENT, () -> room.accounts().create(ROOT, wrong));
        }
        room.accounts().create(ROOT, new Accounts.NewAccount("ci", Account.Kind.SERVICE, null, false));
        refused(ErrorCode.INVALID_ARGUMENT, () -> room.accounts().password(ROOT, "ci", PASSWORD));
        refused(ErrorCode.INVALID_ARGUMENT, () -> room.accounts().administrator(ROOT, "ci", true));
        refused(ErrorCode.UNAUTHENTICATED, () -> room.authentication().byHeader(basic("ci", ""), ADDRESS));
    }

    @Test
    void whoComesBackUnderTheSameNameInheritsNothing() {
        person("ann");
        room.projects().grant(ROOT, "default", "ann", Role.MAINTAINER);
        room.grants().create(ROOT, Thing.experiment("default", 7), "ann", Right.MANAGE);
        String token = token("ann").text();
        room.accounts().delete(ROOT, "ann");
        person("ann");
        assertThat(room.projects().rolesOf("ann")).isEmpty();
        assertThat(room.grants().of("ann")).isEmpty();
        refused(ErrorCode.UNAUTHENTICATED, () -> bearer(token));
    }

    @Test
    void thePasswordOfADeletedAccountOpensNothingForItsSuccessor() {
        person("ann");
        room.authentication().byHeader(basic("ann", PASSWORD), ADDRESS);
        room.accounts().delete(ROOT, "ann");
        clock.advance(java.time.Duration.ofMillis(1));
        room.accounts().create(ROOT, new Accounts.NewAccount("ann", Account.Kind.PERSON, "other secret words", false));
        refused(ErrorCode.UNAUTHENTICATED, () -> room.authentication().byHeader(basic("ann", PASSWORD), ADDRESS));
    }

    @Test
    void accountsAreListedByNameInPages() {
        List.of("cid", "ann", "bob").forEach(this::person);
        var first = room.accounts().page(new PageRequest(2, Optional.empty()));
        assertThat(first.items()).extracting(Account::name).containsExactly("ann", "bob");
        var second = room.accounts().page(PageRequest.of(2, first.next().orElseThrow()));
        assertThat(second.items()).extracting(Account::name).containsExactly("cid");
        assertThat(second.next()).isEmpty();
    }

    @Test
    void everyChangeIsInTheLedgerWithWhoDidIt() {
        administrator("root");
        Caller root = caller("root");
        room.accounts().create(root, new Accounts.NewAccount("ann", Account.Kind.PERSON, PASSWORD, false));
        room.accounts().administrator(root, "ann", true);
        room.accounts().password(root, "ann", "other secret words");
        room.accounts().delete(root, "ann");
        assertThat(actions()).contains("access.role.grant", "auth.password.change", "access.role.revoke");
        assertThat(told())
                .filteredOn(entry -> entry.object().equals("user:ann"))
                .hasSize(4)
                .allSatisfy(entry -> assertThat(entry.actor()).isEqualTo("user:root"));
        assertThat(told().toString()).doesNotContain("secret words").doesNotContain("argon2");
    }

    @Test
    void anAccountThatIsNotThereIsTold() {
        refused(
                ErrorCode.NOT_FOUND,
                "User with username=nobody not found",
                () -> room.accounts().password(ROOT, "nobody", PASSWORD));
    }

    @Test
    void aRecoveredAccountKeepsNothingThatOpenedItBefore() {
        administrator("root");
        String token = token("root").text();
        String session = room.authentication().signIn("root", PASSWORD, ADDRESS);
        room.accounts().disabled(ROOT, "root", false);
        Recovery.Recovered done = room.recovery().administrator(ROOT, "root", "roots other words");
        assertThat(done.made()).isFalse();
        assertThat(done.tokens()).isEqualTo(1);
        assertThat(done.sessions()).isEqualTo(1);
        refused(ErrorCode.UNAUTHENTICATED, () -> bearer(token));
        assertThat(room.authentication().bySession(session)).isEmpty();
        refused(ErrorCode.UNAUTHENTICATED, () -> room.authentication().byHeader(basic("root", PASSWORD), ADDRESS));
        assertThat(room.authentication()
                        .byHeader(basic("root", "roots other words"), ADDRESS)
                        .unrestricted())
                .isTrue();
        assertThat(told().stream().filter(entry -> entry.payload().toString().contains("recovered")))
                .singleElement()
                .satisfies(entry -> assertThat(entry.payload().toString())
                        .contains("\"tokensEnded\":\"1\"")
                        .contains("\"sessionsEnded\":\"1\""));
    }

    @Test
    void aRecoveryEndsNoTokenOfAnybodyElse() {
        administrator("root");
        person("ann");
        String anns = token("ann").text();
        assertThat(room.recovery()
                        .administrator(ROOT, "root", "roots other words")
                        .tokens())
                .isZero();
        assertThat(bearer(anns).name()).isEqualTo("ann");
    }

    @Test
    void aDisabledPersonIsRecoveredAsAdministrator() {
        person("ann");
        room.accounts().disabled(ROOT, "ann", true);
        Account ann =
                room.recovery().administrator(ROOT, "ann", "anns other words").account();
        assertThat(ann.administrator()).isTrue();
        assertThat(ann.disabled()).isFalse();
    }

    @Test
    void whoIsNotThereIsMadeByARecovery() {
        Recovery.Recovered done = room.recovery().administrator(ROOT, "eve", "eves secret words");
        assertThat(done.made()).isTrue();
        assertThat(done.account().administrator()).isTrue();
        assertThat(actions()).containsExactly("access.role.grant");
    }

    @Test
    void aRecoveryThatIsRefusedEndsNothing() {
        administrator("root");
        room.accounts().create(ROOT, new Accounts.NewAccount("nightly", Account.Kind.SERVICE, null, false));
        String token = token("root").text();
        refused(ErrorCode.INVALID_ARGUMENT, () -> room.recovery().administrator(ROOT, "root", "short"));
        refused(
                ErrorCode.INVALID_ARGUMENT,
                "'nightly' is a service and cannot be administrator; recover a person",
                () -> room.recovery().administrator(ROOT, "nightly", "another secret words"));
        assertThat(bearer(token).name()).isEqualTo("root");
    }
}
