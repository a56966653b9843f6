package dev.perennial.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.cli.CommandFailure;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.LifecycleParser;
import dev.perennial.lifecycle.file.ParseResult;
import dev.perennial.lifecycle.file.Problem;
import dev.perennial.lifecycle.file.Source.KnownAt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bad candidates must be bad in the one way that the story says, and in no other. */
class StoryTest {
    private static final Path EXAMPLE = Path.of(System.getProperty("perennial.root"), "examples", "flight-delay");
    private static final String LATE_COLUMN = "dep_delay_min";

    private final Story story = new Story(EXAMPLE, false);

    @Test
    void theExampleItselfHasNoProblem() {
        assertThat(LifecycleParser.parse(story.text(), EXAMPLE).problems()).isEmpty();
    }

    @Test
    void aColumnWithoutKnownAtIsTheOnlyProblemOfTheFirstBadCandidate() {
        ParseResult result = LifecycleParser.parse(story.withoutKnownAt(), EXAMPLE);
        assertThat(result.file()).isEmpty();
        assertThat(result.problems())
                .isNotEmpty()
                .extracting(Problem::text)
                .allSatisfy(text -> assertThat(text).contains(LATE_COLUMN));
    }

    @Test
    void theSecondBadCandidateDiffersInItsLabelsAlone() {
        LifecycleFile flipped = parsed(story.withFlippedLabels());
        LifecycleFile honest = parsed(story.text());
        assertThat(honest.train().labelNoise()).isZero();
        assertThat(flipped.train().labelNoise()).isEqualTo(0.3);
        assertThat(flipped.features()).isEqualTo(honest.features());
        assertThat(flipped.sources()).isEqualTo(honest.sources());
        assertThat(flipped.gates()).isEqualTo(honest.gates());
    }

    @Test
    void theThirdBadCandidateClaimsThatADelayIsKnownTheDayBefore() {
        LifecycleFile leaking = parsed(story.withFalseKnownAt());
        assertThat(leaking.source("flights").knownAt().get(LATE_COLUMN))
                .isEqualTo(new KnownAt("event_time", null, -24 * 3_600_000L));
        assertThat(leaking.features().columns()).contains(LATE_COLUMN);
        assertThat(parsed(story.text()).features().columns()).doesNotContain(LATE_COLUMN);
        assertThat(leaking.gates()).isEqualTo(parsed(story.text()).gates());
    }

    @Test
    void theFourthBadCandidateIsCommittedWithItsManifest() {
        assertThat(story.outsideModel()).isNotEmptyFile();
        assertThat(story.outsideManifest()).isNotEmptyFile();
    }

    @Test
    void fullScaleTakesEveryFlight() {
        LifecycleFile quick = parsed(story.text());
        LifecycleFile full = parsed(new Story(EXAMPLE, true).text());
        assertThat(quick.source("flights").sample().oneIn()).isEqualTo(4);
        assertThat(full.source("flights").sample().oneIn()).isEqualTo(1);
    }

    @Test
    void peopleActInTheOrderOfTheStoryAndWithinIt() {
        ObjectNode replay = story.replay(JsonNodeFactory.instance.objectNode(), "demo");
        List<Long> stops = new ArrayList<>();
        replay.path("stops").forEach(stop -> stops.add(stop.asLong()));
        assertThat(stops)
                .isSorted()
                .doesNotHaveDuplicates()
                .allSatisfy(stop -> assertThat(stop)
                        .isBetween(
                                replay.path("from").asLong(), replay.path("to").asLong()));
    }

    @Test
    void thePublicationHourFollowsTheClocksOfNewYork() {
        assertThat(Instant.ofEpochMilli(Story.six(LocalDate.of(2013, 3, 9)))).isEqualTo("2013-03-09T11:00:00Z");
        assertThat(Instant.ofEpochMilli(Story.six(LocalDate.of(2013, 3, 10)))).isEqualTo("2013-03-10T10:00:00Z");
        assertThat(Instant.ofEpochMilli(Story.six(LocalDate.of(2013, 11, 3)))).isEqualTo("2013-11-03T11:00:00Z");
    }

    @Test
    void theOutageIsSevenLocalDaysOfTheWeatherFeed() {
        ObjectNode outage = (ObjectNode) story.replay(JsonNodeFactory.instance.objectNode(), "demo")
                .path("outages")
                .path(0);
        assertThat(outage.path("source").asText()).isEqualTo("weather");
        assertThat(Instant.ofEpochMilli(outage.path("from").asLong())).isEqualTo("2013-10-14T04:00:00Z");
        assertThat(Instant.ofEpochMilli(outage.path("to").asLong())).isEqualTo("2013-10-21T04:00:00Z");
    }

    @Test
    void anExampleThatIsNotThereIsNamed(@TempDir Path empty) {
        assertThatThrownBy(() -> new Story(empty, false))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining(empty.resolve("lifecycle.yaml").toString());
    }

    @Test
    void theTextIsReadFromTheFileAndNotKeptElsewhere(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("lifecycle.yaml"), "perennial: v1\n  one-in: 4\n");
        assertThat(new Story(folder, false).text()).isEqualTo("perennial: v1\n  one-in: 4\n");
        assertThat(new Story(folder, true).text()).isEqualTo("perennial: v1\n  one-in: 1\n");
    }

    private static LifecycleFile parsed(String text) {
        ParseResult result = LifecycleParser.parse(text, EXAMPLE);
        return result.file().orElseThrow(() -> new AssertionError(result.problems()));
    }
}
