package dev.perennial.scorer.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.access.AccessConfig.TokenConfig;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GateTest {
    private static final long END = 1_000_000;

    private final AtomicLong now = new AtomicLong(5);
    private final Gate gate = new Gate(() -> Instant.ofEpochMilli(now.get()), false, "internal-secret");
    private final SomeToken ann = new SomeToken("abcdefghijkl", "ann");

    private void serve(TokenConfig... tokens) {
        gate.apply(new AccessConfig(true, List.of(tokens)));
    }

    private static String basic(String name, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private void refused(String header, String why) {
        assertThatThrownBy(() -> gate.check(header))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHENTICATED))
                .hasMessageContaining(why);
    }

    @Test
    void withoutAccessControlNobodyIsAsked() {
        gate.apply(null);
        assertThat(gate.check(null)).isSameAs(Caller.ANYBODY);
        assertThat(gate.check("Bearer whatever").may(Right.MANAGE, "m")).isTrue();
    }

    @Test
    void aScorerThatOthersReachAnswersNobodyWhileItIsNotToldWhom() {
        Gate reached = new Gate(() -> Instant.ofEpochMilli(0), true, "");
        reached.apply(AccessConfig.OPEN);
        assertThatThrownBy(() -> reached.check(null))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
                .hasMessageContaining("the server needs --auth");
        reached.apply(new AccessConfig(true, List.of(ann.config(END, Map.of("m", Right.USE)))));
        assertThat(reached.check(ann.bearer()).name()).isEqualTo("ann");
    }

    @Test
    void aTokenBringsItsRights() {
        serve(ann.config(END, Map.of("m", Right.USE)));
        Caller caller = gate.check(ann.bearer());
        assertThat(caller.token()).isEqualTo("abcdefghijkl");
        assertThat(caller.may(Right.USE, "m")).isTrue();
        assertThat(caller.may(Right.EDIT, "m")).isFalse();
        assertThat(caller.right("other")).isNull();
    }

    @Test
    void aRightOnEveryEndpointDoesNotShrinkOne() {
        Caller caller = new Caller("x", null, Map.of(Caller.ALL, Right.READ, "m", Right.EDIT), END);
        assertThat(caller.right("m")).isEqualTo(Right.EDIT);
        assertThat(caller.right("n")).isEqualTo(Right.READ);
        assertThat(new Caller("x", null, Map.of(Caller.ALL, Right.MANAGE, "m", Right.READ), END).right("m"))
                .isEqualTo(Right.MANAGE);
    }

    @Test
    void nothingShownIsRefusedWithAdvice() {
        serve();
        refused(null, "show a token: 'Authorization: Bearer pnl_...'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "Bearer x",
                "Digest a",
                "Basic ???",
                "Basic",
                "Bearer pnl_pat_abcdefghijkl_short"
            })
    void whatIsNoTokenIsRefused(String header) {
        serve(ann.config(END, Map.of("m", Right.USE)));
        refused(header, "You are not authenticated");
    }

    @Test
    void aHeaderWithoutEndIsRefusedUnread() {
        serve(ann.config(END, Map.of()));
        refused("Bearer " + "a".repeat(5_000), "the header is too long");
    }

    @Test
    void theSecretMustFitAlsoWhenTheIdDoes() {
        serve(ann.config(END, Map.of("m", Right.USE)));
        gate.check(ann.bearer());
        String other = ann.bearer().substring(0, ann.bearer().length() - 1) + "Z";
        refused(other, "the token is not valid here");
    }

    @Test
    void aTokenThatIsGoneFromTheConfigurationIsRefusedThoughItWasRemembered() {
        serve(ann.config(END, Map.of("m", Right.USE)));
        gate.check(ann.bearer());
        serve();
        refused(ann.bearer(), "it was revoked");
    }

    @Test
    void rightsFollowTheConfiguration() {
        serve(ann.config(END, Map.of("m", Right.USE)));
        gate.check(ann.bearer());
        serve(ann.config(END, Map.of("m", Right.READ)));
        assertThat(gate.check(ann.bearer()).may(Right.USE, "m")).isFalse();
    }

    @Test
    void aTokenEndsByItselfWithoutAnyConfiguration() {
        serve(ann.config(END, Map.of("m", Right.USE)));
        now.set(END - 1);
        gate.check(ann.bearer());
        now.set(END);
        refused(ann.bearer(), "the token has ended");
    }

    @Test
    void aConfigurationWithoutChangeKeepsWhatIsRemembered() {
        serve(ann.config(END, Map.of("m", Right.USE)));
        Caller before = gate.check(ann.bearer());
        serve(ann.config(END, Map.of("m", Right.USE)));
        assertThat(gate.check(ann.bearer())).isSameAs(before);
    }

    @ParameterizedTest
    @CsvSource({"ann, true", "'', true", "token, true", "bob, false"})
    void aTokenIsTakenAsPasswordOfItsOwner(String name, boolean taken) {
        serve(ann.config(END, Map.of("m", Right.USE)));
        String header = basic(name, ann.text());
        if (taken) {
            assertThat(gate.check(header).name()).isEqualTo("ann");
        } else {
            refused(header, "the token is not valid here");
        }
    }

    @Test
    void aPasswordIsRefusedWithAdvice() {
        serve(ann.config(END, Map.of("m", Right.USE)));
        refused(basic("ann", "correct horse battery"), "a scorer knows no passwords: set MLFLOW_TRACKING_TOKEN");
    }

    @Test
    void theInstallationsOwnProcessesMayEverything() {
        serve();
        assertThat(gate.check("Bearer internal-secret").may(Right.MANAGE, "any"))
                .isTrue();
        refused("Bearer internal-secre", "not valid here");
    }

    @Test
    void aStandaloneScorerHasNoSecretOfTheInstallation() {
        Gate alone = new Gate(() -> Instant.ofEpochMilli(0), false, "");
        alone.apply(new AccessConfig(true, List.of()));
        assertThatThrownBy(() -> alone.check("Bearer ")).hasMessageContaining("not valid here");
    }

    @Test
    void whereNothingHasToBeShownAWrongTokenIsNobody() {
        serve(ann.config(END, Map.of("m", Right.USE)));
        assertThat(gate.perhaps(null)).isSameAs(Caller.NOBODY);
        assertThat(gate.perhaps("Bearer x").right("m")).isNull();
        assertThat(gate.perhaps(ann.bearer()).name()).isEqualTo("ann");
    }

    @Test
    void moreHeadersThanCanBeRememberedAreStillRight() {
        serve(ann.config(END, Map.of("m", Right.USE)));
        for (int i = 0; i < 10_050; i++) {
            assertThat(gate.check("Bearer " + " ".repeat(i % 3_000) + ann.text() + " ".repeat(i / 3_000))
                            .name())
                    .isEqualTo("ann");
        }
    }

    @Test
    void aRefusalNamesTheRightThatIsMissing() {
        Caller caller = new Caller("ann", "t", Map.of("m", Right.READ), END);
        assertThatThrownBy(() -> caller.need(Right.USE, "m", "ask for answers"))
                .hasMessage("'ann' may not ask for answers at endpoint 'm': it needs the right USE, and there is READ");
    }
}
