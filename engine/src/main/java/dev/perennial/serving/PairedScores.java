package dev.perennial.serving;

import dev.perennial.store.Database;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Where the scores of a candidate and of the champion lie on the same rows.
 *
 * @param rows that both scored
 * @param places at rising shares of the rows
 */
public record PairedScores(long rows, List<Place> places) {
    private static final double[] SHARES = {0.05, 0.25, 0.5, 0.75, 0.95};
    private static final long NEWEST_MILLIS = 24 * 60 * BlockTallies.MINUTE_MILLIS;

    /**
     * The scores below which a share of the rows lies, to the middle of their bins.
     *
     * @param share of the rows, between 0 and 1
     */
    public record Place(double share, double champion, double candidate) {}

    public PairedScores {
        places = List.copyOf(places);
    }

    /**
     * From the tallies of a rollout, of its newest day.
     *
     * @param from when the rollout began, epoch milliseconds
     * @param to its end, or now
     * @return empty when no row was scored by both
     */
    public static Optional<PairedScores> of(Database database, String endpoint, String candidate, long from, long to) {
        BlockTally sum = BlockTally.NONE;
        for (BlockTallies.Entry entry :
                new BlockTallies(database).between(endpoint, Math.max(from, to - NEWEST_MILLIS), to)) {
            if (entry.part() == BlockTallies.Part.CANDIDATE && entry.version().equals(candidate)) {
                sum = sum.plus(entry.tally());
            }
        }
        return of(sum);
    }

    static Optional<PairedScores> of(BlockTally tally) {
        long rows = rows(tally.scores());
        if (rows == 0 || rows(tally.beside()) == 0) {
            return Optional.empty();
        }
        List<Place> places = new ArrayList<>();
        for (double share : SHARES) {
            places.add(new Place(share, at(tally.beside(), share), at(tally.scores(), share)));
        }
        return Optional.of(new PairedScores(rows, places));
    }

    private static long rows(int[] sparse) {
        return IntStream.range(0, sparse.length)
                .filter(i -> i % 2 == 1)
                .mapToLong(i -> sparse[i])
                .sum();
    }

    private static double at(int[] sparse, double share) {
        long all = rows(sparse);
        long below = 0;
        for (int i = 0; i < sparse.length; i += 2) {
            below += sparse[i + 1];
            if (below >= share * all) {
                return BlockTally.middle(sparse[i]);
            }
        }
        throw new IllegalStateException("a share of " + share + " lies beyond " + Arrays.toString(sparse));
    }
}
