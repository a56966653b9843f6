package dev.perennial.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.governance.ServingRights.ServingToken;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens for endpoints and scorers on every dialect. */
abstract class ServingRightsContract extends GovernanceFixture {
    private static final Thing MODEL = Thing.model("default", "m");
    private static final Thing OTHER = Thing.model("fraud", "n");
    private static final Map<String, Thing> ENDPOINTS = Map.of("m", MODEL, "n", OTHER);

    @BeforeEach
    void people() {
        administrator("root");
        person("ann");
        room.projects().create(ROOT, "fraud", "", "");
    }

    private Tokens.Issued scoped(String owner, TokenScope scope) {
        return room.tokens().issue(ROOT, new Tokens.NewToken(owner, "narrow", null, null, scope, Duration.ofDays(1)));
    }

    private Optional<Right> right(Caller caller, String endpoint) {
        return room.serving().right(caller, endpoint, ENDPOINTS.get(endpoint));
    }

    private List<ServingToken> tokens() {
        return room.serving().tokens(ENDPOINTS);
    }

    @Test
    void aTokenForAnEndpointUsesItHoweverMuchItsOwnerMay() {
        Caller caller = bearer(scoped("root", new TokenScope.Endpoint("m")).text());
        assertThat(right(caller, "m")).contains(Right.USE);
        assertThat(right(caller, "n")).isEmpty();
        assertThat(caller.unrestricted()).isFalse();
    }

    @Test
    void itCannotDoMoreThanItsOwner() {
        Caller caller = bearer(scoped("ann", new TokenScope.Endpoint("m")).text());
        assertThat(right(caller, "m")).isEmpty();
        room.projects().grant(ROOT, "default", "ann", Role.VIEWER);
        assertThat(right(caller, "m")).contains(Right.READ);
        room.projects().grant(ROOT, "default", "ann", Role.MAINTAINER);
        assertThat(right(caller, "m")).contains(Right.USE);
    }

    @Test
    void elsewhereItMayNothing() {
        Caller caller = bearer(scoped("root", new TokenScope.Endpoint("m")).text());
        assertThat(room.access().right(caller, MODEL)).isEmpty();
        assertThat(room.access().right(caller, Thing.project("default"))).isEmpty();
        assertThat(room.access().maySign(caller, "default")).isFalse();
        assertThat(room.access().readable(caller, Thing.Kind.MODEL, "default").whole())
                .isFalse();
        refused(
                ErrorCode.PERMISSION_DENIED,
                "Permission denied",
                () -> room.access().requireAdministrator(caller));
        assertThat(room(Optional.of(Right.MANAGE)).access().right(caller, MODEL))
                .isEmpty();
    }

    @Test
    void whoSignsInOtherwiseHasTheRightsOfTheModel() {
        room.projects().grant(ROOT, "default", "ann", Role.CONTRIBUTOR);
        assertThat(right(caller("ann"), "m")).contains(Right.EDIT);
        assertThat(right(caller("ann"), "n")).isEmpty();
        assertThat(right(caller("root"), "n")).contains(Right.MANAGE);
    }

    @Test
    void scorersAreToldEachTokenWithItsRightsAndTheHashOfItsSecret() {
        room.projects().grant(ROOT, "default", "ann", Role.CONTRIBUTOR);
        Tokens.Issued wide = token("ann");
        Tokens.Issued one = scoped("ann", new TokenScope.Endpoint("m"));
        Tokens.Issued root = token("root");
        assertThat(tokens())
                .extracting(token -> token.id() + " " + token.name() + " " + token.grants())
                .containsExactlyInAnyOrder(
                        wide.token().id() + " ann {m=EDIT}",
                        one.token().id() + " ann {m=USE}",
                        root.token().id() + " root {m=MANAGE, n=MANAGE}");
        assertThat(tokens()).allSatisfy(token -> assertThat(token.sha256()).matches("[0-9a-f]{64}"));
        assertThat(tokens().toString()).doesNotContain(wide.text().substring(21));
    }

    @Test
    void aProjectAndARoleNarrowATokenHereToo() {
        Tokens.Issued narrow = token("root", "fraud", Role.VIEWER);
        assertThat(tokens()).singleElement().satisfies(token -> {
            assertThat(token.id()).isEqualTo(narrow.token().id());
            assertThat(token.grants()).isEqualTo(Map.of("n", Right.READ));
        });
    }

    @Test
    void tokensThatAreDeadOrMayNothingAreNotTold() {
        token("ann");
        Tokens.Issued revoked = token("root");
        room.tokens().revoke(ROOT, revoked.token().id());
        scoped("root", new TokenScope.Endpoint("m"));
        clock.advance(Duration.ofDays(2));
        assertThat(tokens()).isEmpty();
    }

    @Test
    void whoIsDisabledIsNotTold() {
        room.projects().grant(ROOT, "default", "ann", Role.CONTRIBUTOR);
        token("ann");
        assertThat(tokens()).hasSize(1);
        room.accounts().disabled(ROOT, "ann", true);
        assertThat(tokens()).isEmpty();
    }

    @Test
    void everyChangeOfRightsRaisesTheVersion() {
        long before = room.serving().version();
        Tokens.Issued token = token("ann");
        long made = room.serving().version();
        room.projects().grant(ROOT, "default", "ann", Role.VIEWER);
        long granted = room.serving().version();
        room.tokens().revoke(ROOT, token.token().id());
        long revoked = room.serving().version();
        room.accounts().disabled(ROOT, "ann", true);
        assertThat(List.of(before, made, granted, revoked, room.serving().version()))
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void aScorersTokenServesItsEndpointsAndIsNoneForAsking() {
        room.projects().grant(ROOT, "default", "ann", Role.CONTRIBUTOR);
        Tokens.Issued issued = scoped("ann", new TokenScope.Scorer("edge-1", List.of("m", "n")));
        Caller caller = bearer(issued.text());
        assertThat(caller.scope()).isEqualTo(new TokenScope.Scorer("edge-1", List.of("m", "n")));
        assertThat(right(caller, "m")).contains(Right.USE);
        assertThat(right(caller, "n")).as("ann may not").isEmpty();
        assertThat(tokens())
                .singleElement()
                .satisfies(token -> assertThat(token.forScorer()).isTrue());
    }

    @Test
    void whatATokenIsForStandsInTheLedgerAndInTheList() {
        scoped("ann", new TokenScope.Scorer("edge-1", List.of("m")));
        assertThat(room.tokens().of("ann").getFirst().scope()).isEqualTo(new TokenScope.Scorer("edge-1", List.of("m")));
        assertThat(told().getLast().action()).isEqualTo("auth.token.create");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "local-1", "local-9", "../x", "a b", "-x", "a/b"})
    void aScorerNeedsANameOfItsOwn(String id) {
        assertThatThrownBy(() -> new TokenScope.Scorer(id, List.of("m")))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("the name of a scorer has 1 to 63 letters")
                .hasMessageContaining("got '" + id + "'");
    }

    @Test
    void aScorerNeedsEndpointsThatCanBeThere() {
        assertThatThrownBy(() -> new TokenScope.Scorer("edge", List.of()))
                .hasMessage("a scorer's token names 1 to 1000 endpoints");
        List<String> many = IntStream.range(0, 1001).mapToObj(i -> "m" + i).toList();
        assertThatThrownBy(() -> new TokenScope.Scorer("edge", many)).hasMessageContaining("1 to 1000 endpoints");
        assertThatThrownBy(() -> new TokenScope.Scorer("edge", List.of("a b")))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.field()).isEqualTo("endpoints"))
                .hasMessageContaining("'a b' is no endpoint");
        assertThatThrownBy(() -> new TokenScope.Endpoint("")).hasMessageContaining("'' is no endpoint");
    }

    @Test
    void manyTokensAreToldAlwaysInTheSameOrder() {
        room.projects().grant(ROOT, "default", "ann", Role.CONTRIBUTOR);
        for (int i = 0; i < 200; i++) {
            token("ann");
        }
        List<String> ids = tokens().stream().map(ServingToken::id).toList();
        assertThat(ids).hasSize(200).isSorted();
        assertThat(Json.write(tokens())).isEqualTo(Json.write(tokens()));
    }
}
