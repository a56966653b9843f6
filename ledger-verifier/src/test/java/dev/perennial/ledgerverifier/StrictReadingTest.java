package dev.perennial.ledgerverifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictReadingTest {
    private static final String HEADER = "{\"action\":\"alias.set\",\"actor\":\"user:ann\",\"commit\":\"" + Hashes.ZEROS
            + "\",\"ledger\":\"l\",\"object\":\"model:m\",\"prev\":\"" + Hashes.ZEROS
            + "\",\"seq\":\"1\",\"stream\":\"model:m\",\"ts\":\"2026-01-02T03:04:00.000Z\",\"v\":\"1\"}";

    private static Header header(String text) {
        return Header.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void jsonIsReadWithItsTypes() {
        assertThat(StrictJson.parse("{\"a\":[\"x\\n\\u00e9\\\"\",true,false,null,{}],\"b\":-1.5e3}"))
                .isEqualTo(Map.of(
                        "a",
                        java.util.Arrays.asList("x\n\u00e9\"", true, false, null, Map.of()),
                        "b",
                        new StrictJson.Numeral("-1.5e3")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"a\":1",
                "{\"a\":1,\"a\":2}",
                " {}",
                "{} ",
                "{\"a\" :1}",
                "[1,]",
                "{,}",
                "01",
                "1.",
                "+1",
                "nul",
                "tru",
                "\"",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\t\"",
                "[1]2",
                "{a:1}",
                "--1"
            })
    void looseJsonIsRefused(String text) {
        assertThatThrownBy(() -> StrictJson.parse(text)).isInstanceOf(Unusable.class);
    }

    @Test
    void deepNestingIsRefused() {
        assertThatThrownBy(() -> StrictJson.parse("[".repeat(5_000)))
                .isInstanceOf(Unusable.class)
                .hasMessageContaining("deeper");
    }

    @Test
    void invalidUtf8IsRefused() {
        assertThatThrownBy(() -> StrictJson.utf8(new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'}))
                .isInstanceOf(Unusable.class);
    }

    @Test
    void aHeaderIsReadOnlyInItsOneForm() {
        assertThat(header(HEADER).seq()).isEqualTo(1);
        List<String> others = List.of(
                HEADER.replace("\"v\":\"1\"", "\"v\":\"2\""),
                HEADER.replace("\"v\":\"1\"", "\"v\":1"),
                HEADER.replace(",\"v\":\"1\"", ""),
                HEADER.replace("\"v\":\"1\"", "\"v\":\"1\",\"w\":\"1\""),
                HEADER.replace("alias.set", "alias.explode"),
                HEADER.replace("\"seq\":\"1\"", "\"seq\":\"01\""),
                HEADER.replace("\"seq\":\"1\"", "\"seq\":\"0\""),
                HEADER.replace("user:ann", "user\\u003aann"),
                HEADER.replace(".000Z", "Z"),
                HEADER.replace(Hashes.ZEROS, "0".repeat(63) + "A"),
                "{\"v\":\"1\"," + HEADER.substring(1).replace(",\"v\":\"1\"", ""));
        assertThat(others)
                .allSatisfy(text -> assertThatThrownBy(() -> header(text)).isInstanceOf(Unusable.class));
    }

    @Test
    void base64WithStrayBitsIsRefused() {
        assertThat(Hashes.fromBase64("AA==")).containsExactly(0);
        assertThatThrownBy(() -> Hashes.fromBase64("AB==")).isInstanceOf(Unusable.class);
        assertThatThrownBy(() -> Hashes.fromBase64("AA")).isInstanceOf(Unusable.class);
    }

    @Test
    void unreadableTargetsAreUnusable() {
        Report report = LedgerVerifier.verify(java.nio.file.Path.of("/no/such/thing"), java.util.Optional.empty());
        assertThat(report.status().exitStatus()).isEqualTo(1);
        assertThat(report.first())
                .hasValueSatisfying(finding -> assertThat(finding.problem()).contains("/no/such/thing"));
    }
}
