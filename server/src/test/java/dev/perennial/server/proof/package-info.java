/**
 * Proofs on real processes: the server's own archive, scorers and workers on loopback, killed with signal 9 where a test says so. Start at
 * {@link dev.perennial.server.proof.Installation}.
 */
package dev.perennial.server.proof;
