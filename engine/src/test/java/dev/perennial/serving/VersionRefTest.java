package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VersionRefTest {
    @Test
    void modelsMayHaveAnyName() {
        VersionRef version = VersionRef.parse("Größe der Iris/12");
        assertThat(version.model()).isEqualTo("Größe der Iris");
        assertThat(version.number()).isEqualTo(12);
        assertThat(version).hasToString("Größe der Iris/12");
        assertThat(version.ofLoop()).isEmpty();
        assertThat(VersionRef.parse("parcels@spring/3").ofLoop()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "iris", "iris/", "/3", " /3", "iris/0", "iris/-1", "iris/x", "a/b/1", "iris/3000000000"})
    void whatIsNoVersionIsRefused(String text) {
        assertThatThrownBy(() -> VersionRef.parse(text)).hasMessageContaining("must look like MODEL/NUMBER");
    }

    @Test
    void numbersAreOrderedAsNumbers() {
        List<VersionRef> sorted =
                Stream.of("b/1", "a/10", "a/9").map(VersionRef::parse).sorted().toList();
        assertThat(sorted).extracting(VersionRef::toString).containsExactly("a/9", "a/10", "b/1");
    }
}
