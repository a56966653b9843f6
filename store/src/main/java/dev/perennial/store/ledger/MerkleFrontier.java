package dev.perennial.store.ledger;

import dev.perennial.kernel.Digest;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The right edge of an RFC 6962 tree: enough to add leaves and to tell the root. Cost of a leaf: one hash on average, two at most on
 * long average; memory is the logarithm of the size.
 */
final class MerkleFrontier {
    private static final byte NODE = 1;

    /** Roots of full subtrees from the largest to the smallest: one for each one-bit of the size. */
    private final List<byte[]> peaks;

    private long size;

    MerkleFrontier() {
        this(new ArrayList<>(), 0);
    }

    private MerkleFrontier(List<byte[]> peaks, long size) {
        this.peaks = peaks;
        this.size = size;
    }

    MerkleFrontier copy() {
        return new MerkleFrontier(new ArrayList<>(peaks), size);
    }

    long size() {
        return size;
    }

    /** Adds a leaf by its hash, 64 digits. */
    void add(String leafHash) {
        byte[] node = HexFormat.of().parseHex(leafHash);
        for (long bits = size; (bits & 1) == 1; bits >>= 1) {
            node = node(peaks.removeLast(), node);
        }
        peaks.add(node);
        size++;
    }

    Digest root() {
        if (size == 0) {
            return Digest.of(new byte[0]);
        }
        byte[] node = peaks.getLast();
        for (int i = peaks.size() - 2; i >= 0; i--) {
            node = node(peaks.get(i), node);
        }
        return Digest.ofHash(node);
    }

    private static byte[] node(byte[] left, byte[] right) {
        MessageDigest sha = Digest.sha256();
        sha.update(NODE);
        sha.update(left);
        return sha.digest(right);
    }
}
