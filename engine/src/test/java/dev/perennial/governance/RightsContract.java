package dev.perennial.governance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Projects, roles and grants on every dialect. Each runs all of it. */
abstract class RightsContract extends GovernanceFixture {
    private static final Thing SEVEN = Thing.experiment("default", 7);

    @BeforeEach
    void people() {
        administrator("root");
        person("ann");
        room.projects().create(ROOT, "fraud", "", "");
    }

    private Optional<Right> right(String user, Thing thing) {
        return room.access().right(caller(user), thing);
    }

    @Test
    void nobodyKnowsOfAnythingWithoutARight() {
        assertThat(right("ann", SEVEN)).isEmpty();
        assertThat(right("ann", Thing.project("default"))).isEmpty();
        refused(
                ErrorCode.NOT_FOUND,
                "there is none",
                () -> room.access()
                        .require(caller("ann"), Right.READ, SEVEN, () -> PerennialException.notFound("there is none")));
    }

    @ParameterizedTest
    @CsvSource({"VIEWER,READ", "CONTRIBUTOR,EDIT", "MAINTAINER,MANAGE", "APPROVER,READ"})
    void aRoleGivesItsRightInItsProjectAndNowhereElse(Role role, Right right) {
        room.projects().grant(ROOT, "default", "ann", role);
        assertThat(right("ann", SEVEN)).contains(right);
        assertThat(right("ann", Thing.model("default", "m"))).contains(right);
        assertThat(right("ann", Thing.experiment("fraud", 8))).isEmpty();
    }

    @Test
    void whoMayReadAndNotWriteIsToldSo() {
        room.projects().grant(ROOT, "default", "ann", Role.VIEWER);
        refused(
                ErrorCode.PERMISSION_DENIED,
                "Permission denied",
                () -> room.access()
                        .require(caller("ann"), Right.EDIT, SEVEN, () -> PerennialException.notFound("there is none")));
    }

    @Test
    void rightsAddUp() {
        room.projects().grant(ROOT, "default", "ann", Role.VIEWER);
        room.grants().create(ROOT, SEVEN, "ann", Right.MANAGE);
        assertThat(right("ann", SEVEN)).contains(Right.MANAGE);
        assertThat(right("ann", Thing.experiment("default", 8))).contains(Right.READ);
        room.grants().update(ROOT, SEVEN, "ann", Right.READ);
        room.projects().grant(ROOT, "default", "ann", Role.CONTRIBUTOR);
        assertThat(right("ann", SEVEN)).contains(Right.EDIT);
    }

    @Test
    void aRightTakenAwayIsGoneOnTheOtherServerAtOnce() {
        GovernanceRoom other = room(Optional.empty());
        room.projects().grant(ROOT, "default", "ann", Role.MAINTAINER);
        room.grants().create(ROOT, SEVEN, "ann", Right.READ);
        assertThat(other.access().right(caller("ann"), SEVEN)).contains(Right.MANAGE);
        room.projects().revoke(ROOT, "default", "ann", null);
        assertThat(other.access().right(caller("ann"), SEVEN)).contains(Right.READ);
        room.grants().delete(ROOT, SEVEN, "ann");
        assertThat(other.access().right(caller("ann"), SEVEN)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Right.class)
    void whatEverybodyMayIsASetting(Right right) {
        assertThat(room(Optional.of(right)).access().right(caller("ann"), SEVEN))
                .contains(right);
    }

    @Test
    void modelsOfOneNameInTwoProjectsAreTwo() {
        room.grants().create(ROOT, Thing.model("default", "m"), "ann", Right.EDIT);
        assertThat(right("ann", Thing.model("default", "m"))).contains(Right.EDIT);
        assertThat(right("ann", Thing.model("fraud", "m"))).isEmpty();
    }

    @Test
    void aGrantOnAnExperimentIsNoneOnAModelOfThatName() {
        room.grants().create(ROOT, SEVEN, "ann", Right.EDIT);
        assertThat(right("ann", Thing.model("default", "7"))).isEmpty();
    }

    @Test
    void anAdministratorMayEverythingButSign() {
        assertThat(right("root", Thing.experiment("fraud", 8))).contains(Right.MANAGE);
        assertThat(room.access().maySign(caller("root"), "default")).isFalse();
        room.projects().grant(ROOT, "default", "root", Role.APPROVER);
        assertThat(room.access().maySign(caller("root"), "default")).isTrue();
        assertThat(room.access().maySign(caller("root"), "fraud")).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = Role.class,
            names = {"VIEWER", "CONTRIBUTOR", "MAINTAINER"})
    void onlyApproversSign(Role role) {
        room.projects().grant(ROOT, "default", "ann", role);
        assertThat(room.access().maySign(caller("ann"), "default")).isFalse();
        room.projects().grant(ROOT, "default", "ann", Role.APPROVER);
        assertThat(room.access().maySign(caller("ann"), "default")).isTrue();
    }

    @Test
    void aTokenNarrowsToItsProject() {
        room.projects().grant(ROOT, "default", "ann", Role.MAINTAINER);
        room.projects().grant(ROOT, "fraud", "ann", Role.MAINTAINER);
        Caller bound = bearer(token("ann", "fraud", null).text());
        assertThat(room.access().right(bound, SEVEN)).isEmpty();
        assertThat(room.access().right(bound, Thing.experiment("fraud", 8))).contains(Right.MANAGE);
        assertThat(bound.project(Optional.empty())).isEqualTo("fraud");
    }

    @Test
    void aTokenNarrowsToItsRoleAndNeverWidens() {
        room.projects().grant(ROOT, "default", "ann", Role.CONTRIBUTOR);
        assertThat(room.access().right(bearer(token("ann", null, Role.VIEWER).text()), SEVEN))
                .contains(Right.READ);
        assertThat(room.access()
                        .right(bearer(token("ann", null, Role.MAINTAINER).text()), SEVEN))
                .contains(Right.EDIT);
    }

    @Test
    void anAdministratorsNarrowTokenIsNoAdministrator() {
        Caller narrow = bearer(token("root", "fraud", Role.VIEWER).text());
        assertThat(narrow.unrestricted()).isFalse();
        assertThat(room.access().right(narrow, SEVEN)).isEmpty();
        assertThat(room.access().right(narrow, Thing.experiment("fraud", 8))).contains(Right.READ);
        refused(ErrorCode.PERMISSION_DENIED, () -> room.access().requireAdministrator(narrow));
    }

    @Test
    void aTokenOfAnotherRoleDoesNotSign() {
        room.projects().grant(ROOT, "default", "ann", Role.APPROVER);
        assertThat(room.access()
                        .maySign(bearer(token("ann", null, Role.MAINTAINER).text()), "default"))
                .isFalse();
        assertThat(room.access()
                        .maySign(bearer(token("ann", "fraud", Role.APPROVER).text()), "default"))
                .isFalse();
    }

    @Test
    void aTokenLosesWhatItsOwnerLoses() {
        room.projects().grant(ROOT, "default", "ann", Role.MAINTAINER);
        Caller caller = bearer(token("ann").text());
        room.projects().revoke(ROOT, "default", "ann", Role.MAINTAINER);
        assertThat(room.access().right(caller, SEVEN)).isEmpty();
    }

    @Test
    void aSearchSeesTheWholeProjectOrWhatWasGranted() {
        assertThat(room.access()
                        .readable(caller("root"), Thing.Kind.EXPERIMENT, "fraud")
                        .whole())
                .isTrue();
        room.grants().create(ROOT, SEVEN, "ann", Right.READ);
        room.grants().create(ROOT, Thing.model("fraud", "a/b"), "ann", Right.READ);
        room.grants().create(ROOT, Thing.model("default", "c"), "ann", Right.READ);
        assertThat(room.access().readable(caller("ann"), Thing.Kind.EXPERIMENT, "default"))
                .isEqualTo(new Access.Readable(false, List.of("7")));
        assertThat(room.access().readable(caller("ann"), Thing.Kind.MODEL, "fraud"))
                .isEqualTo(new Access.Readable(false, List.of("a/b")));
        Caller elsewhere = bearer(token("ann", "fraud", null).text());
        assertThat(room.access()
                        .readable(elsewhere, Thing.Kind.EXPERIMENT, "default")
                        .objects())
                .isEmpty();
    }

    @Test
    void aGrantIsMadeOnceAndChangedAfterwards() {
        room.grants().create(ROOT, SEVEN, "ann", Right.READ);
        refused(ErrorCode.ALREADY_EXISTS, () -> room.grants().create(ROOT, SEVEN, "ann", Right.EDIT));
        room.grants().update(ROOT, SEVEN, "ann", Right.EDIT);
        assertThat(room.grants().get(SEVEN, "ann").right()).isEqualTo(Right.EDIT);
        room.grants().delete(ROOT, SEVEN, "ann");
        String gone = "Permission of 'ann' on experiment:7 not found";
        refused(ErrorCode.NOT_FOUND, gone, () -> room.grants().get(SEVEN, "ann"));
        refused(ErrorCode.NOT_FOUND, gone, () -> room.grants().update(ROOT, SEVEN, "ann", Right.READ));
        refused(ErrorCode.NOT_FOUND, gone, () -> room.grants().delete(ROOT, SEVEN, "ann"));
    }

    @Test
    void whatCannotBeGrantedIsToldWithAdvice() {
        refused(
                ErrorCode.INVALID_ARGUMENT,
                "NO_PERMISSIONS cannot be granted: rights add up here; delete the permission,"
                        + " take away the role in the project, or lower the default permission",
                () -> Grants.permission("NO_PERMISSIONS"));
        refused(
                ErrorCode.INVALID_ARGUMENT,
                "Invalid permission 'read'. Valid permissions are: READ, USE, EDIT, MANAGE",
                () -> Grants.permission("read"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "A1", "-a", "a-", "a_b", "a.b", "a/b", "..", "default ", "a b"})
    void projectNamesAreDnsLabels(String name) {
        refused(ErrorCode.INVALID_ARGUMENT, () -> room.projects().create(ROOT, name, "", ""));
    }

    @Test
    void theLongestProjectNameHas63Characters() {
        assertThat(room.projects().create(ROOT, "a".repeat(63), "", "").name()).hasSize(63);
        refused(ErrorCode.INVALID_ARGUMENT, () -> room.projects().create(ROOT, "a".repeat(64), "", ""));
    }

    @Test
    void whoMakesAProjectMaintainsIt() {
        room.projects().create(caller("ann"), "churn", "", "");
        assertThat(room.projects().members("churn")).containsExactly(new Member("churn", "ann", Role.MAINTAINER));
    }

    @Test
    void aProjectThatHoldsSomethingStays() {
        room.models().place("flight-delay", "fraud");
        refused(
                ErrorCode.INVALID_STATE,
                "project 'fraud' still holds 1 experiments and models, deleted ones included;"
                        + " only an empty project can be deleted",
                () -> room.projects().delete(ROOT, "fraud"));
    }

    @Test
    void theDefaultProjectIsAlwaysThere() {
        refused(ErrorCode.INVALID_ARGUMENT, () -> room.projects().delete(ROOT, "default"));
        refused(ErrorCode.ALREADY_EXISTS, () -> room.projects().create(ROOT, "default", "", ""));
        assertThat(room.projects().all()).extracting(Project::name).containsExactly("default", "fraud");
    }

    @Test
    void aDeletedProjectTakesItsRolesWithItAndNobodyStaysInIt() {
        room.projects().grant(ROOT, "fraud", "ann", Role.MAINTAINER);
        room.accounts().defaultProject(ROOT, "ann", "fraud");
        room.projects().delete(ROOT, "fraud");
        assertThat(room.accounts().get("ann").defaultProject()).isEqualTo("default");
        room.projects().create(ROOT, "fraud", "", "");
        assertThat(right("ann", Thing.project("fraud"))).isEmpty();
    }

    @Test
    void administratorIsNoRoleOfAProject() {
        refused(ErrorCode.INVALID_ARGUMENT, () -> room.projects().grant(ROOT, "fraud", "ann", Role.ADMINISTRATOR));
        refused(ErrorCode.INVALID_ARGUMENT, () -> Role.inProject("administrator"));
        refused(
                ErrorCode.INVALID_ARGUMENT,
                "role 'owner' is none of [viewer, contributor, maintainer, approver, administrator]",
                () -> Role.of("owner"));
    }

    @Test
    void aModelStaysInTheProjectThatItCameToBeIn() {
        assertThat(room.models().of("flight-delay")).isEqualTo("default");
        room.models().place("flight-delay", "fraud");
        room.projects().create(ROOT, "churn", "", "");
        room.models().place("flight-delay", "churn");
        assertThat(room.models().thing("flight-delay")).isEqualTo(Thing.model("fraud", "flight-delay"));
    }

    @Test
    void theFirstAdministratorIsMadeOnceByTheSecretOfTheLatestStart() {
        GovernanceRoom fresh = room;
        room.accounts().create(ROOT, new Accounts.NewAccount("x1", Account.Kind.PERSON, PASSWORD, false));
        refused(
                ErrorCode.PERMISSION_DENIED,
                () -> fresh.setUp().administrator(fresh.setUp().secret(), "eve", "eves secret words"));
    }

    @Test
    void deniedActsAreToldOnceAMinute() {
        Caller ann = caller("ann");
        room.ledger().denied(ann, "model_version.sign", "model:m");
        room.ledger().denied(ann, "model_version.sign", "model:m");
        room.ledger().denied(ann, "model_version.sign", "model:n");
        assertThat(actions()).filteredOn("auth.token.use_denied"::equals).hasSize(2);
    }

    private List<Membership> members(int limit, Optional<String> after) {
        return room.projects()
                .memberships("fraud", new PageRequest(limit, after))
                .items();
    }

    @Test
    void aMemberIsOneLineHoweverManyTheRoles() {
        room.projects().grant(ROOT, "fraud", "ann", Role.APPROVER);
        room.projects().grant(ROOT, "fraud", "ann", Role.VIEWER);
        room.projects().grant(ROOT, "fraud", "root", Role.MAINTAINER);
        assertThat(members(10, Optional.empty()))
                .containsExactly(
                        new Membership("ann", List.of(Role.VIEWER, Role.APPROVER)),
                        new Membership("root", List.of(Role.MAINTAINER)));
        assertThat(members(1, Optional.of("ann"))).containsExactly(new Membership("root", List.of(Role.MAINTAINER)));
        Page<Membership> first = room.projects().memberships("fraud", new PageRequest(1, Optional.empty()));
        assertThat(first.next()).isPresent();
    }

    @Test
    void rolesAreSetAsAWhole() {
        room.projects().grant(ROOT, "fraud", "ann", Role.MAINTAINER);
        room.projects().grant(ROOT, "fraud", "ann", Role.VIEWER);
        Membership now = room.projects().set(ROOT, "fraud", "ann", Set.of(Role.VIEWER, Role.APPROVER));
        assertThat(now.roles()).containsExactly(Role.VIEWER, Role.APPROVER);
        assertThat(right("ann", Thing.project("fraud"))).contains(Right.READ);
    }

    @Test
    void rolesThatStayAreNotToldAgain() {
        room.projects().grant(ROOT, "fraud", "ann", Role.VIEWER);
        int before = told().size();
        room.projects().set(ROOT, "fraud", "ann", Set.of(Role.VIEWER));
        assertThat(told()).hasSize(before);
        room.projects().set(ROOT, "fraud", "ann", Set.of(Role.CONTRIBUTOR));
        assertThat(actions().subList(before, before + 2)).containsExactly("access.role.grant", "access.role.revoke");
    }

    @Test
    void aMaintainerNamesNoApproverButMayKeepOne() {
        room.projects().grant(ROOT, "fraud", "ann", Role.MAINTAINER);
        Caller ann = caller("ann");
        person("bob");
        refused(
                ErrorCode.PERMISSION_DENIED,
                () -> room.projects().set(ann, "fraud", "bob", Set.of(Role.VIEWER, Role.APPROVER)));
        refused(ErrorCode.PERMISSION_DENIED, () -> room.projects().grant(ann, "fraud", "ann", Role.APPROVER));
        assertThat(members(10, Optional.empty())).hasSize(1);
        room.projects().grant(ROOT, "fraud", "bob", Role.APPROVER);
        assertThat(room.projects()
                        .set(ann, "fraud", "bob", Set.of(Role.CONTRIBUTOR, Role.APPROVER))
                        .roles())
                .containsExactly(Role.CONTRIBUTOR, Role.APPROVER);
    }

    @Test
    void aPageOfMembersHasAllTheirRolesAndEndsBetweenPeople() {
        for (String user : List.of("ann", "bob", "cid")) {
            if (!user.equals("ann")) {
                person(user);
            }
            room.projects().grant(ROOT, "fraud", user, Role.APPROVER);
            room.projects().grant(ROOT, "fraud", user, Role.CONTRIBUTOR);
        }
        Page<Membership> first = room.projects().memberships("fraud", new PageRequest(2, Optional.empty()));
        assertThat(first.items())
                .containsExactly(
                        new Membership("ann", List.of(Role.CONTRIBUTOR, Role.APPROVER)),
                        new Membership("bob", List.of(Role.CONTRIBUTOR, Role.APPROVER)));
        assertThat(first.next()).isPresent();
        Page<Membership> last = room.projects().memberships("fraud", new PageRequest(2, Optional.of("bob")));
        assertThat(last.items()).containsExactly(new Membership("cid", List.of(Role.CONTRIBUTOR, Role.APPROVER)));
        assertThat(last.next()).isEmpty();
    }

    @Test
    void aMaintainerTakesNoApproverAway() {
        room.projects().grant(ROOT, "fraud", "ann", Role.MAINTAINER);
        Caller ann = caller("ann");
        person("bob");
        room.projects().grant(ROOT, "fraud", "bob", Role.APPROVER);
        room.projects().grant(ROOT, "fraud", "bob", Role.VIEWER);
        int before = told().size();
        refused(ErrorCode.PERMISSION_DENIED, () -> room.projects().revoke(ann, "fraud", "bob", null));
        refused(ErrorCode.PERMISSION_DENIED, () -> room.projects().revoke(ann, "fraud", "bob", Role.APPROVER));
        refused(ErrorCode.PERMISSION_DENIED, () -> room.projects().set(ann, "fraud", "bob", Set.of(Role.CONTRIBUTOR)));
        assertThat(room.projects().rolesOf("bob"))
                .containsExactly(new Member("fraud", "bob", Role.APPROVER), new Member("fraud", "bob", Role.VIEWER));
        assertThat(told()).as("nothing of a refused change is told").hasSize(before);
        room.projects().revoke(ann, "fraud", "bob", Role.VIEWER);
        room.projects().revoke(ROOT, "fraud", "bob", null);
        assertThat(room.projects().rolesOf("bob")).isEmpty();
    }

    @Test
    void whoIsAnApproverMayStopBeingOne() {
        room.projects().grant(ROOT, "fraud", "ann", Role.MAINTAINER);
        room.projects().grant(ROOT, "fraud", "ann", Role.APPROVER);
        Caller ann = caller("ann");
        assertThat(room.projects()
                        .set(ann, "fraud", "ann", Set.of(Role.MAINTAINER))
                        .roles())
                .containsExactly(Role.MAINTAINER);
        room.projects().grant(ROOT, "fraud", "ann", Role.APPROVER);
        room.projects().revoke(ann, "fraud", "ann", Role.APPROVER);
        assertThat(room.projects().rolesOf("ann")).containsExactly(new Member("fraud", "ann", Role.MAINTAINER));
    }

    @Test
    void noRolesAtAllIsNoChangeOfRoles() {
        room.projects().grant(ROOT, "fraud", "ann", Role.VIEWER);
        refused(
                ErrorCode.INVALID_ARGUMENT,
                "name at least one role; remove the member to take all away",
                () -> room.projects().set(ROOT, "fraud", "ann", Set.of()));
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> room.projects().set(ROOT, "fraud", "ann", Set.of(Role.ADMINISTRATOR)));
        assertThat(members(10, Optional.empty())).hasSize(1);
    }

    @Test
    void rolesOfNobodyAndNowhereAreNotThere() {
        refused(ErrorCode.NOT_FOUND, () -> room.projects().set(ROOT, "nowhere", "ann", Set.of(Role.VIEWER)));
        refused(ErrorCode.NOT_FOUND, () -> room.projects().set(ROOT, "fraud", "nobody", Set.of(Role.VIEWER)));
        refused(
                ErrorCode.NOT_FOUND,
                "'ann' has no role in project 'fraud'",
                () -> room.projects().revoke(ROOT, "fraud", "ann", null));
    }
}
