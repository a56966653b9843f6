package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Where data are missing nothing is promoted: the gate says that it cannot judge, or a step of the rollout takes longer. */
@ExtendWith(Distribution.class)
class StarvedIT {
    private static final LocalDate ROLLOUT = LocalDate.of(2024, 2, 26);

    @TempDir
    private static Path folder;

    private static Installation installation;

    @BeforeAll
    static void start() throws IOException {
        installation = Installation.start(folder);
    }

    @AfterAll
    static void end() {
        if (installation != null) {
            installation.close();
        }
    }

    @Test
    void withheldLabelsPromoteNothing() throws IOException {
        Parcels parcels =
                Parcels.in(folder.resolve("labels"), Parcels.lifecycle(), day -> true, day -> day.isBefore(ROLLOUT));
        List<String> decisions = play(parcels, "labels", LocalDate.of(2024, 3, 20));

        assertThat(decisions).anyMatch(decision -> decision.startsWith("GATE PASS 1 "));
        assertThat(decisions).as("a rollout was begun").anyMatch(decision -> decision.startsWith("ROLLOUT EXTEND"));
        nothingWasPromoted(decisions);
    }

    @Test
    void aDeletedHoldoutPromotesNothing() throws IOException {
        Parcels parcels = Parcels.in(
                folder.resolve("holdout"),
                Parcels.lifecycle(),
                day -> day.isBefore(LocalDate.of(2024, 2, 17)) || !day.isBefore(ROLLOUT),
                day -> true);
        List<String> decisions = play(parcels, "holdout", LocalDate.of(2024, 2, 27));

        assertThat(decisions).anyMatch(decision -> decision.startsWith("GATE PASS 1 "));
        assertThat(decisions.getLast()).startsWith("GATE INSUFFICIENT_DATA");
        nothingWasPromoted(decisions);
    }

    @Test
    void aStarvedCanaryTakesLongerAndPromotesNothing() throws IOException {
        String text = Parcels.lifecycle()
                .replace("shadow: {days: 3}", "shadow: {days: 1}")
                .replace("{share: 0.50, days: 5}", "{share: 0.01, days: 2}");
        List<String> decisions = play(
                Parcels.in(folder.resolve("canary"), text, day -> true, day -> true),
                "canary",
                LocalDate.of(2024, 3, 20));

        assertThat(decisions).anyMatch(decision -> decision.startsWith("ROLLOUT EXTEND"));
        nothingWasPromoted(decisions);
    }

    private static void nothingWasPromoted(List<String> decisions) {
        assertThat(decisions).noneMatch(decision -> decision.startsWith("PROMOTION"));
    }

    private static List<String> play(Parcels parcels, String name, LocalDate to) throws IOException {
        ObjectNode replay = parcels.replay(name, to);
        assertThat(installation.web().post("/api/replays", replay).status()).isEqualTo(200);
        String state = Until.isThere(
                "the replay has ended",
                Duration.ofMinutes(8),
                () -> installation
                        .web()
                        .tryGet("/api/replays/" + name)
                        .map(body -> body.path("state").asText())
                        .filter(text -> !text.equals("RUNNING")));
        assertThat(state).as(installation.log()).isEqualTo("DONE");
        List<String> decisions = new ArrayList<>();
        for (JsonNode decision : installation
                .web()
                .get("/api/models/parcels@" + name + "/decisions?limit=1000")
                .json()
                .path("items")) {
            decisions.addFirst(decision.path("kind").asText() + " "
                    + decision.path("verdict").asText() + " " + decision.path("version") + " "
                    + decision.path("text").asText());
        }
        System.err.println(name + ": " + String.join("\n    ", decisions));
        return decisions;
    }
}
