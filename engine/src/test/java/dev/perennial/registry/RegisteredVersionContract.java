package dev.perennial.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.tracking.KeyValue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Versions: numbers, stages, tags, and what becomes of those that are deleted. */
abstract class RegisteredVersionContract extends RegistryFixture {
    private static final ModelName M = ModelName.of("m");
    private static final int WRITERS = 8;

    @Test
    void aVersionIsReadBackAsItWasRegistered() {
        model("m");
        later();
        RegisteredVersion made = versions.create(
                ANN,
                M,
                new NewVersion(BUCKET, "0123", "http://x/run", null, "first", List.of(new KeyValue("k", ""))));
        assertThat(versions.get(M, 1)).isEqualTo(made);
        assertThat(made.origin())
                .isEqualTo(new RegisteredVersion.Origin(BUCKET, null, "0123", "http://x/run", null));
        assertThat(made.standing().status()).isEqualTo(RegisteredVersion.Status.READY);
        assertThat(made.stage()).isEqualTo(VersionStage.NONE);
        assertThat(made.description()).isEqualTo("first");
        assertThat(made.tags()).containsExactly(new KeyValue("k", ""));
        assertThat(models.get(M).updatedAt()).as("the model changed with it").isEqualTo(clock.millis());
    }

    @Test
    void twentyThatRegisterAtOnceGetTheNumbersFromOneToTwenty() throws InterruptedException, ExecutionException {
        model("m");
        List<Integer> numbers = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(WRITERS)) {
            List<Callable<Integer>> work = IntStream.range(0, 20)
                    .mapToObj(i -> (Callable<Integer>) () -> version("m").number())
                    .toList();
            for (Future<Integer> done : threads.invokeAll(work)) {
                numbers.add(done.get());
            }
        }
        assertThat(numbers)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, 20).boxed().toList());
    }

    @Test
    void theNumberOfADeletedVersionIsNotGivenAgain() {
        model("m");
        version("m");
        version("m");
        versions.delete(ANN, M, 2);
        assertThat(version("m").number()).isEqualTo(3);
        versions.delete(ANN, M, 3);
        versions.delete(ANN, M, 1);
        assertThat(version("m").number()).isEqualTo(4);
    }

    @Test
    void aDeletedVersionIsGoneFromEverywhere() {
        model("m");
        version("m");
        version("m", new KeyValue("k", "v"));
        models.setAlias(ANN, M, "best", 2);
        later();
        versions.delete(ANN, M, 2);
        refused(ErrorCode.NOT_FOUND, () -> versions.get(M, 2))
                .hasMessage("Model Version (name=m, version=2) not found");
        refused(ErrorCode.NOT_FOUND, () -> versions.delete(ANN, M, 2));
        refused(ErrorCode.NOT_FOUND, () -> versions.setTag(M, 2, new KeyValue("k", "v")));
        refused(ErrorCode.NOT_FOUND, () -> versions.describe(M, 2, "x"));
        refused(ErrorCode.NOT_FOUND, () -> versions.downloadUri(M, 2));
        refused(ErrorCode.INVALID_ARGUMENT, () -> versions.byAlias(M, "best"));
        RegisteredModel left = models.get(M);
        assertThat(left.aliases()).isEmpty();
        assertThat(left.latest()).extracting(RegisteredVersion::number).containsExactly(1);
        assertThat(left.updatedAt()).isEqualTo(clock.millis());
        assertThat(versionNames("tags.k = 'v'")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"3, 3", "+3, 3", "03, 3", "0, 0", "-1, 0", "99999999999, 0"})
    void aNumberIsReadFromItsText(String text, int number) {
        assertThat(RegisteredVersions.number(text)).isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "1.0", "1 ", "latest", "٣", "1e3"})
    void whatIsNoNumberIsRefusedByName(String text) {
        refused(ErrorCode.INVALID_ARGUMENT, () -> RegisteredVersions.number(text))
                .hasMessageContaining("'version' must be an integer, got: '" + text + "'");
    }

    @Test
    void stagesAreReadInAnyCaseAndOthersAreRefused() {
        model("m");
        version("m");
        assertThat(versions.transition(ANN, M, 1, VersionStage.of("pRODUCTION"), false)
                        .stage()
                        .text())
                .isEqualTo("Production");
        refused(ErrorCode.INVALID_ARGUMENT, () -> VersionStage.of("prod"))
                .hasMessage("Invalid Model Version stage: prod. Value must be one of None, Staging, Production, Archived.");
    }

    @Test
    void archivingLeavesOneVersionInTheStage() {
        model("m");
        for (int i = 1; i <= 3; i++) {
            version("m");
            versions.transition(ANN, M, i, VersionStage.PRODUCTION, false);
        }
        later();
        versions.transition(ANN, M, 3, VersionStage.PRODUCTION, true);
        assertThat(List.of(1, 2, 3))
                .extracting(number -> versions.get(M, number).stage())
                .containsExactly(VersionStage.ARCHIVED, VersionStage.ARCHIVED, VersionStage.PRODUCTION);
        assertThat(versions.get(M, 1).times().updatedAt()).isEqualTo(clock.millis());
        assertThat(models.get(M).updatedAt()).isEqualTo(clock.millis());
    }

    @ParameterizedTest
    @CsvSource({"NONE", "ARCHIVED"})
    void onlyStagesThatServeArchiveOthers(VersionStage stage) {
        model("m");
        version("m");
        refused(ErrorCode.INVALID_ARGUMENT, () -> versions.transition(ANN, M, 1, stage, true))
                .hasMessageContaining("'" + stage.text() + "' is not an Active stage");
        assertThat(versions.get(M, 1).stage()).isEqualTo(VersionStage.NONE);
    }

    @Test
    void theNewestOfEachStageIsTold() {
        model("m");
        for (int i = 1; i <= 5; i++) {
            version("m");
        }
        versions.transition(ANN, M, 1, VersionStage.STAGING, false);
        versions.transition(ANN, M, 3, VersionStage.STAGING, false);
        versions.transition(ANN, M, 2, VersionStage.PRODUCTION, false);
        assertThat(versions.latest(M, List.of()))
                .extracting(RegisteredVersion::number)
                .containsExactlyInAnyOrder(5, 3, 2);
        assertThat(versions.latest(M, List.of(VersionStage.STAGING, VersionStage.ARCHIVED)))
                .extracting(RegisteredVersion::number)
                .containsExactly(3);
        assertThat(models.get(M).latest()).hasSize(3);
    }

    @Test
    void aDescriptionAndTagsOfAVersionChangeThatVersionAlone() {
        model("m");
        version("m");
        version("m");
        later();
        assertThat(versions.describe(M, 1, "told").times().updatedAt()).isEqualTo(clock.millis());
        versions.setTag(M, 1, new KeyValue("k", "1"));
        versions.setTag(M, 1, new KeyValue("k", "2"));
        assertThat(versions.get(M, 1).tags()).containsExactly(new KeyValue("k", "2"));
        assertThat(versions.get(M, 2).tags()).isEmpty();
        assertThat(versions.get(M, 2).description()).isNull();
        versions.deleteTag(M, 1, "k");
        versions.deleteTag(M, 1, "k");
        assertThat(versions.get(M, 1).tags()).isEmpty();
    }

    @Test
    void everythingSurvivesARestart() {
        model("m");
        version("m", new KeyValue("k", "v"));
        models.setAlias(ANN, M, "best", 1);
        version("m");
        versions.delete(ANN, M, 2);
        RegisteredModel before = models.get(M);
        RegisteredVersion first = versions.get(M, 1);
        store.close();
        reopen();
        assertThat(models.get(M)).isEqualTo(before);
        assertThat(versions.get(M, 1)).isEqualTo(first);
        assertThat(version("m").number()).isEqualTo(3);
    }
}
