package dev.perennial.rollout;

/** What a rollout is watched for by a sequential test. */
public enum Guard {
    /** Worse by outcomes, on the rows that both scored. */
    HARM("harm"),
    /** Scores that leave the champion's on the same rows. */
    SCORE("score"),
    /** Failed calls. */
    ERRORS("errors"),
    /** Time to compute a row. */
    LATENCY("latency");

    private final String title;

    Guard(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }
}
