package dev.perennial.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class StateTablesTest {
    @Test
    void runsChangeByTheTable() {
        assertThat(table(RunState.values(), RunState::next))
                .containsExactlyInAnyOrder(
                        "RUNNING>CANCELLING",
                        "RUNNING>SUCCEEDED",
                        "RUNNING>FAILED",
                        "CANCELLING>SUCCEEDED",
                        "CANCELLING>CANCELLED");
    }

    @Test
    void stepsChangeByTheTable() {
        assertThat(table(StepState.values(), StepState::next))
                .containsExactlyInAnyOrder(
                        "WAITING>READY",
                        "WAITING>UPSTREAM_FAILED",
                        "WAITING>CANCELLED",
                        "READY>RUNNING",
                        "READY>CANCELLED",
                        "RUNNING>SUCCEEDED",
                        "RUNNING>FAILED",
                        "RUNNING>RETRY_WAIT",
                        "RUNNING>STOPPING",
                        "RETRY_WAIT>READY",
                        "RETRY_WAIT>CANCELLED",
                        "STOPPING>SUCCEEDED",
                        "STOPPING>CANCELLED");
    }

    @Test
    void attemptsAndWorkersChangeByTheTable() {
        assertThat(table(AttemptState.values(), AttemptState::next))
                .containsExactlyInAnyOrder("RUNNING>SUCCEEDED", "RUNNING>FAILED", "RUNNING>CANCELLED", "RUNNING>LOST");
        assertThat(table(WorkerState.values(), WorkerState::next))
                .containsExactlyInAnyOrder(
                        "STARTING>RUNNING",
                        "STARTING>STOPPING",
                        "STARTING>LEAVING",
                        "STARTING>ENDED",
                        "RUNNING>STOPPING",
                        "RUNNING>LEAVING",
                        "RUNNING>ENDED",
                        "LEAVING>STOPPING",
                        "LEAVING>ENDED",
                        "STOPPING>ENDED");
    }

    private static <S extends Enum<S>> Set<String> table(S[] states, java.util.function.Function<S, Set<S>> next) {
        Set<String> pairs = new TreeSet<>();
        Arrays.stream(states).forEach(from -> next.apply(from).forEach(to -> pairs.add(from + ">" + to)));
        return pairs;
    }
}
