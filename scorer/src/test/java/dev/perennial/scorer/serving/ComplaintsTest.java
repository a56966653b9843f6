package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ComplaintsTest {
    private final Complaints complaints = new Complaints();

    @Test
    void whatFailsAgainAndAgainIsToldOnce() {
        assertThat(complaints.isNew("m/1 cannot be loaded")).isTrue();
        assertThat(complaints.isNew("m/1 cannot be loaded")).isFalse();
        assertThat(complaints.isNew("m/2 cannot be loaded")).isTrue();
        assertThat(complaints.isNew("m/1 cannot be loaded")).isFalse();
    }

    @Test
    void onceAllWasWellItIsToldAgain() {
        complaints.isNew("m/1 cannot be loaded");
        complaints.over();
        assertThat(complaints.isNew("m/1 cannot be loaded")).isTrue();
    }

    @Test
    void noMoreThanABoundIsRemembered() {
        for (int i = 0; i < Complaints.REMEMBERED_MAX; i++) {
            assertThat(complaints.isNew("attempt " + i)).isTrue();
        }
        assertThat(complaints.isNew("attempt 0")).isTrue();
    }
}
