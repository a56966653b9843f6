package dev.perennial.kernel;

/**
 * A named place where a test may kill the process: {@code -Dperennial.crash-at=NAME} (or {@code NAME:3}, the third time) halts the
 * JVM there, as kill -9 would. Without the property a hit costs one comparison.
 */
public final class CrashPoint {
    private static final String PROPERTY = System.getProperty("perennial.crash-at", "");
    private static final String NAME =
            PROPERTY.contains(":") ? PROPERTY.substring(0, PROPERTY.lastIndexOf(':')) : PROPERTY;
    private static final java.util.concurrent.atomic.AtomicInteger LEFT = new java.util.concurrent.atomic.AtomicInteger(
            PROPERTY.contains(":") ? Integer.parseInt(PROPERTY.substring(PROPERTY.lastIndexOf(':') + 1)) : 1);
    private static final int KILLED = 137;

    private CrashPoint() {}

    public static void hit(String name) {
        if (!NAME.isEmpty() && NAME.equals(name) && LEFT.decrementAndGet() == 0) {
            Runtime.getRuntime().halt(KILLED);
        }
    }
}
