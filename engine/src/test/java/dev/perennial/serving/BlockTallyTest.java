package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.perennial.kernel.Json;
import dev.perennial.predictionlog.CallTally;
import dev.perennial.predictionlog.LoggedFeatures;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.ShadowRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What calls add up to. */
class BlockTallyTest {
    private static final LoggedFeatures NO_FEATURES = new LoggedFeatures(List.of(), new double[0], new String[0]);

    private static PredictionRecord record(
            Role role, double score, long micros, PredictionRecord.Paired paired, PredictionRecord.Failure failure) {
        return new PredictionRecord(
                "p",
                new PredictionRecord.Answer(role == Role.CANARY ? "m/2" : "m/1", role, score, false, micros),
                0,
                0,
                NO_FEATURES,
                paired,
                failure);
    }

    @Test
    void binsNeverFallAsTheScoreGrows() {
        int before = -1;
        for (double score : new double[] {
            Double.NEGATIVE_INFINITY, -1e300, -1e6, -17, -1, -0.001, 0, 0.001, 0.5, 0.999, 1, 1.001, 2, 1e3, 1e6, 1e300
        }) {
            int bin = BlockTally.bin(score);
            assertThat(bin).as("of %s", score).isBetween(Math.max(0, before), BlockTally.BINS - 1);
            before = bin;
        }
        assertThat(BlockTally.bin(0)).isEqualTo(200);
        assertThat(BlockTally.bin(1)).isEqualTo(799);
        assertThat(BlockTally.bin(-1e9)).isZero();
        assertThat(BlockTally.bin(1e9)).isEqualTo(999);
    }

    @Test
    void probabilitiesThatDifferByAHundredthAreToldApart() {
        for (int i = 0; i < 100; i++) {
            assertThat(BlockTally.bin((i + 1) / 100.0)).isGreaterThan(BlockTally.bin(i / 100.0));
        }
    }

    @Test
    void aDoublingOfTheTimeIsFourBuckets() {
        assertThat(BlockTally.bucket(0)).isZero();
        assertThat(BlockTally.bucket(1)).isZero();
        assertThat(BlockTally.bucket(2)).isEqualTo(4);
        assertThat(BlockTally.bucket(1_024)).isEqualTo(40);
    }

    @Test
    void aCanaryIsComparedOnlyWhereBothGaveANumber() {
        BlockTally both =
                BlockTally.candidate(record(Role.CANARY, 0.25, 100, new PredictionRecord.Paired("m/1", 0.5), null));
        assertThat(both.scores()).containsExactly(BlockTally.bin(0.25), 1);
        assertThat(both.beside()).containsExactly(BlockTally.bin(0.5), 1);
        assertThat(both.timed()).isEqualTo(1);
        assertThat(both.logTime()).isCloseTo(Math.log(100), within(1e-12));
        BlockTally alone = BlockTally.candidate(
                record(Role.CANARY, 0.25, 100, new PredictionRecord.Paired("m/1", Double.NaN), null));
        assertThat(alone.scores()).isEmpty();
        assertThat(alone.beside()).isEmpty();
        assertThat(alone.calls()).isEqualTo(1);
    }

    @Test
    void anAnswerThatIsNoNumberIsInvalid() {
        BlockTally tally = BlockTally.candidate(
                record(Role.CANARY, Double.NaN, 100, new PredictionRecord.Paired("m/1", 0.5), null));
        assertThat(tally.invalid()).isEqualTo(1);
        assertThat(tally.scores()).isEmpty();
    }

    @Test
    void aFallbackIsAFailedCallWhoseTimeIsNobodys() {
        BlockTally tally = BlockTally.candidate(
                record(Role.FALLBACK, 0.5, 100, null, new PredictionRecord.Failure("m/2", "it broke")));
        assertThat(tally.calls()).isEqualTo(1);
        assertThat(tally.errors()).isEqualTo(1);
        assertThat(tally.fallbacks()).isEqualTo(1);
        assertThat(tally.timed()).isZero();
    }

    @Test
    void aFailureOfTheChampionIsCountedAgainstIt() {
        BlockTally tally = BlockTally.champion(
                record(Role.CHAMPION, Double.NaN, 100, null, new PredictionRecord.Failure("m/1", "it broke")));
        assertThat(tally.errors()).isEqualTo(1);
        assertThat(tally.fallbacks()).isZero();
        assertThat(tally.invalid()).isZero();
    }

    @Test
    void aShadowHasNoTime() {
        BlockTally tally = BlockTally.shadow(
                new ShadowRecord("p", "m/2", 0, 0, 0.3, null, new PredictionRecord.Paired("m/1", 0.4)));
        assertThat(tally.timed()).isZero();
        assertThat(tally.scores()).containsExactly(BlockTally.bin(0.3), 1);
        BlockTally failed = BlockTally.shadow(
                new ShadowRecord("p", "m/2", 0, 0, Double.NaN, "it broke", new PredictionRecord.Paired("m/1", 0.4)));
        assertThat(failed.errors()).isEqualTo(1);
        assertThat(failed.beside()).isEmpty();
    }

    @Test
    void talliesAddUpInAnyOrder() {
        BlockTally a = BlockTally.champion(record(Role.CHAMPION, 0.2, 64, null, null));
        BlockTally b = BlockTally.champion(record(Role.CHAMPION, 0.8, 4, null, null));
        BlockTally c = BlockTally.champion(record(Role.CHAMPION, 0.2, 64, null, null));
        BlockTally left = a.plus(b).plus(c);
        BlockTally right = c.plus(b.plus(a));
        assertThat(Json.canonical(left)).isEqualTo(Json.canonical(right));
        assertThat(left.scores()).containsExactly(BlockTally.bin(0.2), 2, BlockTally.bin(0.8), 1);
        assertThat(left.times()).containsExactly(8, 1, 24, 2);
        assertThat(left.plus(BlockTally.NONE).calls()).isEqualTo(3);
    }

    @Test
    void aTallyIsReadBackAsItWasStored() {
        BlockTally tally = BlockTally.champion(record(Role.CHAMPION, 0.2, 64, null, null));
        String stored = Json.canonical(tally);
        assertThat(Json.canonical(Json.read(stored, BlockTally.class))).isEqualTo(stored);
    }

    @Test
    void callsOfTensorsHaveRowsTimesAndNoScores() {
        BlockTally tally = BlockTally.of(new CallTally(
                5, "m/2", CallTally.Group.CANDIDATE, new CallTally.Counts(4, 40, 1, 1), new CallTally.Times(3, 9, 27)));
        assertThat(tally.calls()).isEqualTo(4);
        assertThat(tally.rows()).isEqualTo(40);
        assertThat(tally.errors()).isEqualTo(1);
        assertThat(tally.fallbacks()).isEqualTo(1);
        assertThat(tally.invalid()).as("no score is no invalid one").isZero();
        assertThat(tally.timed()).isEqualTo(3);
        assertThat(tally.logTime()).isEqualTo(9);
        assertThat(tally.logTimeSquares()).isEqualTo(27);
        assertThat(tally.scores()).isEmpty();
        assertThat(tally.plus(tally).rows()).isEqualTo(80);
    }

    @Test
    void aTallyOfAnEarlierReleaseHasNoRowsOfTensors() {
        BlockTally tally = Json.read(
                "{\"calls\":2,\"errors\":0,\"invalid\":0,\"fallbacks\":0,\"timed\":2,\"logTime\":1.5,"
                        + "\"logTimeSquares\":1.2,\"times\":[1,2],\"scores\":[500,2],\"beside\":[]}",
                BlockTally.class);
        assertThat(tally.rows()).isZero();
        assertThat(tally.calls()).isEqualTo(2);
        assertThat(tally.scores()).containsExactly(500, 2);
    }

    @Test
    void whatTheChampionSaysLaterIsAComparisonAndNoCall() {
        BlockTally tally = BlockTally.pair(
                new ShadowRecord("p", "m/1", 0, 0, 0.4, null, new PredictionRecord.Paired("m/2", 0.3), true));
        assertThat(tally.calls()).isZero();
        assertThat(tally.scores()).as("the candidate's").containsExactly(BlockTally.bin(0.3), 1);
        assertThat(tally.beside()).as("the champion's").containsExactly(BlockTally.bin(0.4), 1);
        BlockTally failed = BlockTally.pair(new ShadowRecord(
                "p", "m/1", 0, 0, Double.NaN, "it broke", new PredictionRecord.Paired("m/2", 0.3), true));
        assertThat(failed.scores()).isEmpty();
        assertThat(failed.errors()).as("it is not the candidate's").isZero();
    }
}
