package dev.perennial.lifecycle;

import static dev.perennial.lifecycle.LifeFixture.MODEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.registry.ModelVersion;
import dev.perennial.testing.FreshSqlite;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReproductionTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long CUT_OFF = 1_363_000_000_000L;

    @TempDir
    Path folder;

    private LifeFixture life;
    private Digest part;

    @BeforeEach
    void open() {
        life = new LifeFixture(folder, FreshSqlite.under(folder.resolve("data")));
        life.firstVersionServes();
        part = put("rows");
        Digest snapshot = put(
                "{\"format\":1,\"dataset\":\"flight-delay\",\"asOf\":5,\"recipe\":\"r\",\"sources\":{},\"key\":[],\"columns\":[],"
                        + "\"parts\":[{\"week\":\"2013-W01\",\"name\":\"part-2013-W01.parquet\",\"blob\":\""
                        + part.hex()
                        + "\",\"bytes\":4,\"rows\":1,\"finalAt\":1,\"complete\":true,\"recipe\":\"r\"}],\"days\":[],\"profile\":\"p\"}");
        Digest manifest = put("{\"signature\":[{\"name\":\"carrier\",\"type\":\"category\"}],\"trainedLabelKnownBy\":"
                + CUT_OFF + "}");
        add(2, snapshot, manifest);
        add(3, null, manifest);
        life.store
                .database()
                .writing(
                        tx -> life.registry.evidence(
                                tx,
                                new VersionId(MODEL, 2),
                                CandidateDesk.VALIDATION,
                                1,
                                Json.parse(
                                        "{\"constraints\":[],\"quarantined\":[],\"excludedDays\":[{\"day\":\"2013-02-08\",\"rule\":\"r\",\"reason\":\"x\"}]}")));
    }

    @AfterEach
    void close() {
        life.close();
    }

    @Test
    void aVersionIsTrainedAnewFromItsOwnSnapshotAndItsOwnClip() {
        compare("IDENTICAL");
        JsonNode answer = life.room.reproduction().reproduce(new VersionId(MODEL, 2), "now", PATIENCE);
        assertThat(answer.path("text").asText())
                .isEqualTo("the rebuilt model of flight-delay@spring/2 is the same, bit by bit");
        var train = life.workers.steps("train").getLast();
        assertThat(train.parameters().path("clip"))
                .isEqualTo(Json.parse("{\"before\":" + CUT_OFF + ",\"labelKnownBy\":" + CUT_OFF
                        + ",\"excludedDays\":[\"2013-02-08\"]}"));
        assertThat(train.inputs()).containsOnlyKeys("part/part-2013-W01.parquet");
        assertThat(train.inputs().values())
                .first()
                .asString()
                .contains(part.hex().substring(2));
    }

    @Test
    void anEqualModelTellsItsLargestDifferenceAndTheBound() {
        compare("EQUAL");
        assertThat(life.room
                        .reproduction()
                        .reproduce(new VersionId(MODEL, 2), "now", PATIENCE)
                        .path("text")
                        .asText())
                .isEqualTo(
                        "the rebuilt model of flight-delay@spring/2 scores all 10 rows alike, the largest difference is 1.0E-9, at"
                                + " most 1.0E-6 is allowed");
    }

    @Test
    void aVersionFromOutsideHasNoLineage() {
        assertThatThrownBy(() -> life.room.reproduction().reproduce(new VersionId(MODEL, 3), "now", PATIENCE))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining(
                        "'flight-delay@spring/3' came from outside: there is no lineage to rebuild it from");
    }

    @Test
    void aRebuildThatFailsSaysWhichStepFailedAndWhy() {
        life.workers.on("train", work -> {
            throw new IllegalStateException("no memory");
        });
        assertThatThrownBy(() -> life.room.reproduction().reproduce(new VersionId(MODEL, 2), "now", PATIENCE))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("could not be rebuilt: train: no memory");
    }

    @Test
    void whoHasNoPatienceIsToldWhichRunToLookAt() {
        compare("IDENTICAL");
        assertThatThrownBy(() -> life.room.reproduction().reproduce(new VersionId(MODEL, 2), "now", Duration.ZERO))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
                .hasMessageContaining("takes longer than 0 s; see run ");
    }

    private void compare(String verdict) {
        life.workers.on(
                "reproduce",
                work -> LifeFixture.values(Map.of(
                        "comparison",
                        Json.object()
                                .put("verdict", verdict)
                                .put("rows", 10)
                                .put("maxDifference", 1e-9)
                                .put("bound", 1e-6))));
    }

    private Digest put(String text) {
        return life.store.blobs().put(text.getBytes(StandardCharsets.UTF_8));
    }

    private void add(int number, @Nullable Digest snapshot, Digest manifest) {
        Digest lifecycle = life.room.lifecycles().get(MODEL).digest();
        life.store
                .database()
                .writing(tx -> life.registry.add(
                        tx,
                        new ModelVersion(
                                new VersionId(MODEL, number),
                                1,
                                1,
                                snapshot == null ? ModelVersion.Source.IMPORTED : ModelVersion.Source.TRAINED,
                                manifest,
                                manifest,
                                lifecycle,
                                snapshot,
                                null,
                                null,
                                ModelVersion.State.RETIRED,
                                Json.object())));
    }
}
