package dev.perennial.ledgerverifier;

import java.util.ArrayList;
import java.util.List;

/** The tree of RFC 6962 over leaf hashes: roots of prefixes, and proofs for single leaves and between sizes. */
final class MerkleTree {
    private MerkleTree() {}

    /** Root of the leaves in {@code [from, to)}. */
    static byte[] root(List<byte[]> leaves, int from, int to) {
        int n = to - from;
        if (n == 0) {
            return Hashes.sha256();
        }
        if (n == 1) {
            return leaves.get(from);
        }
        int split = from + largestPowerBelow(n);
        return Hashes.node(root(leaves, from, split), root(leaves, split, to));
    }

    private static int largestPowerBelow(int n) {
        return Integer.highestOneBit(n - 1);
    }

    /** The siblings from a leaf to the root. */
    static List<byte[]> inclusion(List<byte[]> leaves, int index) {
        List<byte[]> path = new ArrayList<>();
        inclusion(leaves, 0, leaves.size(), index, path);
        return path;
    }

    private static void inclusion(List<byte[]> leaves, int from, int to, int index, List<byte[]> path) {
        if (to - from <= 1) {
            return;
        }
        int split = from + largestPowerBelow(to - from);
        if (index < split) {
            inclusion(leaves, from, split, index, path);
            path.add(root(leaves, split, to));
        } else {
            inclusion(leaves, split, to, index, path);
            path.add(root(leaves, from, split));
        }
    }

    /** What proves that the tree of {@code oldSize} leaves is a prefix of this one. */
    static List<byte[]> consistency(List<byte[]> leaves, int oldSize) {
        List<byte[]> proof = new ArrayList<>();
        consistency(leaves, 0, leaves.size(), oldSize, true, proof);
        return proof;
    }

    private static void consistency(
            List<byte[]> leaves, int from, int to, int oldSize, boolean whole, List<byte[]> proof) {
        if (oldSize == to - from) {
            if (!whole) {
                proof.add(root(leaves, from, to));
            }
            return;
        }
        int width = largestPowerBelow(to - from);
        if (oldSize <= width) {
            consistency(leaves, from, from + width, oldSize, whole, proof);
            proof.add(root(leaves, from + width, to));
        } else {
            consistency(leaves, from + width, to, oldSize - width, false, proof);
            proof.add(root(leaves, from, from + width));
        }
    }

    /** Roots of growing prefixes, one hash a leaf: for many checkpoints over the same leaves. */
    static final class Growing {
        private final List<byte[]> peaks = new ArrayList<>();
        private long size;

        long size() {
            return size;
        }

        void add(byte[] leaf) {
            byte[] node = leaf;
            for (long bits = size; (bits & 1) == 1; bits >>= 1) {
                node = Hashes.node(peaks.removeLast(), node);
            }
            peaks.add(node);
            size++;
        }

        byte[] root() {
            if (peaks.isEmpty()) {
                return Hashes.sha256();
            }
            byte[] node = peaks.getLast();
            for (int i = peaks.size() - 2; i >= 0; i--) {
                node = Hashes.node(peaks.get(i), node);
            }
            return node;
        }
    }
}
