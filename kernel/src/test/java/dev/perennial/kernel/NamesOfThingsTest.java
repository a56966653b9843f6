package dev.perennial.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Identifiers, names of models and versions, and the codes of failures. */
class NamesOfThingsTest {
    private static PerennialException refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable work) {
        PerennialException failure = catchThrowableOfType(PerennialException.class, work);
        assertThat(failure).isNotNull();
        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        return failure;
    }

    @Test
    void identifiersAreUuidsOfVersionSevenInTheOrderOfTime() {
        long[] now = {1_700_000_000_000L};
        Ids ids = new Ids(() -> Instant.ofEpochMilli(now[0]++), new SplittableRandom(1));
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            made.add(ids.next());
        }
        assertThat(made).isSorted().doesNotHaveDuplicates();
        UUID first = UUID.fromString(made.getFirst());
        assertThat(first.version()).isEqualTo(7);
        assertThat(first.variant()).isEqualTo(2);
        assertThat(first.getMostSignificantBits() >>> 16).isEqualTo(1_700_000_000_000L);
    }

    @Test
    void identifiersOfOneMillisecondDifferAndTheSameSeedRepeatsThem() {
        Ids ids = new Ids(() -> Instant.EPOCH, new SplittableRandom(1));
        Ids again = new Ids(() -> Instant.EPOCH, new SplittableRandom(1));
        HashSet<String> made = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            String id = ids.nextHex();
            assertThat(id).matches("[0-9a-f]{32}").isEqualTo(again.nextHex());
            made.add(id);
        }
        assertThat(made).hasSize(1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "flight-delay", "0x.y_z-1", "flight-delay@spring", "m@0"})
    void namesOfModelsAreReadAsTheyAreWritten(String text) {
        ModelId id = ModelId.parse(text);
        assertThat(id).hasToString(text);
        assertThat(Json.read(Json.write(id), ModelId.class)).isEqualTo(id);
        assertThat(id.replayed()).isEqualTo(text.contains("@"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "-a", ".a", "a..b", "a/b", "a b", "a@B", "a@b@c", "@a", "a\u0000", "ä", "../x"})
    void otherNamesOfModelsAreRefused(String text) {
        assertThat(refused(() -> ModelId.parse(text)).field()).isEqualTo("model");
    }

    @Test
    void aNameOfAModelHasALongestLength() {
        assertThat(ModelId.parse("a".repeat(63)).name()).hasSize(63);
        assertThat(refused(() -> ModelId.parse("a".repeat(64)))).hasMessageContaining("1 to 63");
        assertThat(refused(() -> ModelId.parse("a@" + "b".repeat(64)))).hasMessageContaining("replay name");
    }

    @Test
    void aModelOfAReplayIsAnotherModel() {
        assertThat(ModelId.parse("a@b")).isNotEqualTo(ModelId.parse("a")).isGreaterThan(ModelId.parse("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"flight-delay/1", "a@b/2147483647"})
    void versionsAreReadAsTheyAreWritten(String text) {
        assertThat(VersionId.parse(text)).hasToString(text);
        assertThat(Json.read(Json.write(VersionId.parse(text)), VersionId.class))
                .hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a/", "/1", "a/x", "a/1.0", "a/99999999999"})
    void otherVersionsAreRefusedWithAnExample(String text) {
        assertThat(refused(() -> VersionId.parse(text)))
                .hasMessageContaining("NAME/NUMBER, for example flight-delay/3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/0", "a/-1"})
    void versionsCountFromOne(String text) {
        assertThat(refused(() -> VersionId.parse(text))).hasMessageContaining("must be 1 or more");
    }

    @Test
    void versionsAreOrderedByNumberNotByText() {
        assertThat(VersionId.parse("a/10"))
                .isGreaterThan(VersionId.parse("a/9"))
                .isLessThan(VersionId.parse("b/1"));
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void aFailureOfTheCallerIsNoFailureOfTheServer(ErrorCode code) {
        assertThat(code.httpStatus()).isBetween(400, 599);
        boolean serverFailed = code.httpStatus() >= 500;
        Set<ErrorCode> passing = EnumSet.of(ErrorCode.UNAVAILABLE, ErrorCode.STORAGE_FULL, ErrorCode.DEADLINE_EXCEEDED);
        Set<ErrorCode> lasting = EnumSet.of(ErrorCode.INTERNAL, ErrorCode.NOT_IMPLEMENTED);
        assertThat(serverFailed).isEqualTo(passing.contains(code) || lasting.contains(code));
        assertThat(code.retryable()).isEqualTo(code == ErrorCode.TOO_MANY_REQUESTS || passing.contains(code));
    }

    @Test
    void shortWaysToFailHaveTheirCodes() {
        Throwable cause = new IllegalStateException("why");
        assertThat(PerennialException.invalid("f", "m").field()).isEqualTo("f");
        assertThat(PerennialException.notFound("m").code()).isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(PerennialException.conflict("m").code()).isEqualTo(ErrorCode.CONFLICT);
        assertThat(PerennialException.state("m").code()).isEqualTo(ErrorCode.INVALID_STATE);
        assertThat(PerennialException.internal("m", cause)).hasCause(cause).hasMessage("m");
    }
}
