package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArtifactPathTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "..",
                "a/../b",
                "/a",
                "//a",
                "a//b",
                "a\\b",
                "C:/x",
                "c:x",
                "file:x",
                "a#b",
                "a\u0000b",
                "a\nb",
                "%2e%2e/x",
                "%252e%252e/x",
                "a/%2e%2e%2fb",
                "%2Fetc",
                "a%00b",
                "a%5cb",
                "a/./b",
                "%ff",
                "\\\\host\\x",
                "a%23b"
            })
    void pathsThatCouldLeadElsewhereAreRefused(String path) {
        assertThatThrownBy(() -> ArtifactPath.of(path)).hasMessage("Invalid path");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b.txt", "a b+c;d=é.txt", "100%.txt", "...", "a..b/c..", ".hidden"})
    void plainPathsAreTakenAsTheyAre(String path) {
        assertThat(ArtifactPath.of(path).text()).isEqualTo(path);
    }

    @Test
    void theRootIsTheEmptyPath() {
        assertThat(ArtifactPath.of("").segments()).isEmpty();
        assertThat(ArtifactPath.of(".").segments()).isEmpty();
        assertThat(ArtifactPath.of("a/").text()).isEqualTo("a");
    }
}
