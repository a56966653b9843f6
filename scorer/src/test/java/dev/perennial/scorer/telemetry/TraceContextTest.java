package dev.perennial.scorer.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";
    private final RandomGenerator random = new SplittableRandom(1);

    private TraceContext read(String parent) {
        return TraceContext.read(parent, null, random);
    }

    @Test
    void theCallersTraceGoesOnUnderASpanOfOurs() {
        TraceContext context = read("00-" + TRACE + "-" + PARENT + "-01");
        assertThat(context.trace()).isEqualTo(TRACE);
        assertThat(context.parent()).isEqualTo(PARENT);
        assertThat(context.sampled()).isTrue();
        assertThat(context.span()).matches("[0-9a-f]{16}").isNotEqualTo(PARENT);
        assertThat(context.response()).isEqualTo("00-" + TRACE + "-" + context.span() + "-01");
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "02", "fe"})
    void onlyTheLastBitOfTheFlagsSaysThatItIsSampled(String flags) {
        assertThat(read("00-" + TRACE + "-" + PARENT + "-" + flags).sampled()).isFalse();
    }

    @Test
    void aYoungerVersionMayBeLonger() {
        assertThat(read("01-" + TRACE + "-" + PARENT + "-01-more").trace()).isEqualTo(TRACE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
                "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01"
            })
    void whatTheStandardTellsToIgnoreIsNoTrace(String parent) {
        assertThat(read(parent)).isNull();
    }

    @Test
    void theStateIsHandedOnUnlessItIsTooLong() {
        String parent = "00-" + TRACE + "-" + PARENT + "-01";
        assertThat(TraceContext.read(parent, "a=1,b=2", random).state()).isEqualTo("a=1,b=2");
        assertThat(TraceContext.read(parent, "a".repeat(513), random).state()).isNull();
        assertThat(TraceContext.read(parent, "", random).state()).isNull();
    }

    @Test
    void aTraceThatBeginsHereIsWellFormed() {
        TraceContext own = TraceContext.begin(random, true);
        assertThat(own.parent()).isNull();
        assertThat(read(own.response()).trace()).isEqualTo(own.trace());
    }
}
