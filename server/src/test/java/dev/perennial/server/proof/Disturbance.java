package dev.perennial.server.proof;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/** Disturbs a running story; looked at again and again, and always sees to it that the server comes back. */
interface Disturbance {
    /** Nothing happens. */
    Disturbance NONE = installation -> {};

    void look(Installation installation) throws IOException;

    /** The server dies at each of these points, one after the other; it is started again for the next. */
    final class AtPoints implements Disturbance {
        private final Deque<String> left;
        private final List<String> died = new ArrayList<>();
        private String next;

        AtPoints(List<String> points) {
            left = new ArrayDeque<>(points);
            next = left.poll();
        }

        /** Flags for the first start. */
        String flag() {
            return "-Dperennial.crash-at=" + next;
        }

        List<String> died() {
            return died;
        }

        @Override
        public void look(Installation installation) throws IOException {
            if (!installation.serverLives()) {
                died.add(next);
                next = left.isEmpty() ? "" : left.poll();
                installation.startServer(flag());
            }
        }
    }

    /** Signal 9 at moments and on programs that follow from a seed. */
    final class AtRandom implements Disturbance {
        private static final long GAP_MILLIS = 1_500;
        private static final long GAP_VARIES_MILLIS = 5_000;

        private final SplittableRandom random;
        private final int killsMax;
        private final List<String> killed = new ArrayList<>();
        private long nextAt;

        AtRandom(long seed, int killsMax) {
            this.random = new SplittableRandom(seed);
            this.killsMax = killsMax;
            plan();
        }

        List<String> killed() {
            return killed;
        }

        @Override
        public void look(Installation installation) throws IOException {
            if (killed.size() >= killsMax || System.nanoTime() < nextAt) {
                return;
            }
            switch (random.nextInt(3)) {
                case 0 -> {
                    installation.killServer();
                    installation.startServer();
                    killed.add("server");
                }
                case 1 -> {
                    if (installation.killScorer()) {
                        killed.add("scorer");
                    }
                }
                default -> {
                    int workers = installation.killWorkers();
                    if (workers > 0) {
                        killed.add(workers + " workers");
                    }
                }
            }
            plan();
        }

        private void plan() {
            nextAt = System.nanoTime() + 1_000_000 * (GAP_MILLIS + random.nextLong(GAP_VARIES_MILLIS));
        }
    }
}
