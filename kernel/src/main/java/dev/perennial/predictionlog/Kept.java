package dev.perennial.predictionlog;

/**
 * Why a prediction is in the log.
 *
 * @param probability with which it came into the log: 1 unless rows are sampled; what counts rows of the log to tell of all rows divides by it
 * @param drawn whether it is among those that the even draw takes. Rows of candidates and of their control are logged whatever the draw
 *     says; who describes the stream of all rows takes the drawn ones only, since each row has the same chance to be among them
 */
public record Kept(double probability, boolean drawn) {
    /** Every row is logged. */
    public static final Kept ALWAYS = new Kept(1, true);

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1p-53;

    /**
     * The draw: whether a row is among a share of all rows. It depends on nothing but the id, so it is the same in every scorer and at each
     * repetition, and who is drawn at a share is drawn at each larger one. It has nothing to do with the split.
     */
    public static boolean drawn(String id, double share) {
        long mixed = (id.hashCode() + 1L) * GOLDEN;
        mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        mixed ^= mixed >>> 31;
        return (mixed >>> 11) * UNIT < share;
    }
}
