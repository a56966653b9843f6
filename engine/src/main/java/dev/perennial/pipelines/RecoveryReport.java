package dev.perennial.pipelines;

/**
 * What the engine found when it started.
 *
 * @param recovered runs that go on
 * @param attached worker processes that were found alive
 * @param relaunched launches that were intended and had not happened
 * @param lost attempts whose process or thread is gone
 * @param orphansStopped processes that nothing refers to
 */
public record RecoveryReport(int recovered, int attached, int relaunched, int lost, int orphansStopped) {}
