package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of who gets which traffic. */
class PlacementTest {
    private static Placement of(String... variants) {
        return new Placement(Arrays.stream(variants).map(PlacementTest::variant).toList(), null);
    }

    private static Variant variant(String text) {
        String[] parts = text.split(" ");
        Digest file = Digest.of(parts[0]);
        return Variant.of(
                VersionRef.parse("m/" + parts[0]),
                Variant.Role.valueOf(parts[1]),
                parts.length > 2 ? Integer.parseInt(parts[2]) : 0,
                file,
                file);
    }

    private static VersionRef v(int number) {
        return new VersionRef("m", number);
    }

    private static List<String> said(Placement placement) {
        return placement.variants().stream()
                .map(one -> one.version().number() + " " + one.role() + " " + one.weight())
                .toList();
    }

    @Test
    void theFirstVersionIsChampionWhateverItsShare() {
        assertThat(said(of().with(variant("1 shadow"), 100))).containsExactly("1 champion 10000");
    }

    @Test
    void theChampionTakesWhatCandidatesLeave() {
        Placement placement = of("1 champion 10000", "2 shadow", "3 shadow");
        assertThat(said(placement.weighted("e", Map.of(v(2), 100, v(3), 4_900))))
                .containsExactlyInAnyOrder("1 champion 5000", "2 canary 100", "3 canary 4900");
    }

    @Test
    void candidatesMayTakeEverything() {
        assertThat(said(of("1 champion 10000", "2 shadow").weighted("e", Map.of(v(2), 10_000))))
                .containsExactly("1 champion 0", "2 canary 10000");
    }

    @Test
    void candidatesCannotTakeMoreThanEverything() {
        Placement placement = of("1 champion 4000", "2 canary 6000", "3 shadow");
        assertThatThrownBy(() -> placement.weighted("e", Map.of(v(3), 4_001)))
                .hasMessage("the candidates would take 10001 of 10000 basis points; give some of them less");
    }

    @Test
    void aShareOfNothingMakesAShadow() {
        assertThat(said(of("1 champion 9000", "2 canary 1000").weighted("e", Map.of(v(2), 0))))
                .containsExactly("1 champion 10000", "2 shadow 0");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 10_001})
    void sharesLieBetweenNothingAndEverything(int weight) {
        Placement placement = of("1 champion 10000", "2 shadow");
        assertThatThrownBy(() -> placement.weighted("e", Map.of(v(2), weight)))
                .hasMessage("weight " + weight + " of version 'm/2' must be 0 to 10000 basis points");
    }

    @Test
    void theChampionHasNoShareOfItsOwn() {
        Placement placement = of("1 champion 10000", "2 shadow");
        assertThatThrownBy(() -> placement.weighted("e", Map.of(v(1), 5_000)))
                .hasMessageContaining("is the champion, which takes what the others leave");
    }

    @Test
    void whatIsNotBehindTheEndpointIsNamedWithWhatIs() {
        Placement placement = of("1 champion 10000");
        assertThatThrownBy(() -> placement.crowned("e", v(7)))
                .hasMessage("endpoint 'e' has no version 'm/7'; it has [m/1]");
    }

    @Test
    void aNewChampionLeavesTheOldOneWarmAndCandidatesWithoutCallers() {
        Placement placement = of("1 champion 7000", "2 canary 3000", "3 shadow", "4 warm");
        assertThat(said(placement.crowned("e", v(3)))).containsExactly("1 warm 0", "2 shadow 0", "3 champion 10000");
    }

    @Test
    void goingBackLeavesTheTwoChampionsOnly() {
        Placement placement = of("1 warm", "2 champion 7000", "3 canary 3000", "4 shadow");
        assertThat(said(placement.back("e", v(1)))).containsExactly("1 champion 10000", "2 warm 0");
    }

    @Test
    void whatTheEndpointFallsBackToStaysThroughEverything() {
        Placement placement =
                new Placement(of("1 warm", "2 champion 7000", "3 canary 3000").variants(), v(1));
        assertThat(said(placement.crowned("e", v(3)))).contains("1 warm 0");
        Placement shadow =
                new Placement(of("1 warm", "2 champion 10000", "3 shadow").variants(), v(3));
        assertThat(said(shadow.back("e", v(1)))).contains("3 shadow 0");
    }

    @Test
    void theChampionCannotBeTakenOut() {
        Placement placement = of("1 champion 10000");
        assertThatThrownBy(() -> placement.without("e", v(1))).hasMessageContaining("promote another one before");
    }
}
