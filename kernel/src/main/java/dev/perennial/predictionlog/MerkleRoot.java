package dev.perennial.predictionlog;

import dev.perennial.kernel.Digest;
import java.security.MessageDigest;
import java.util.ArrayDeque;

/** The RFC 6962 tree hash over a growing list of leaves, in logarithmic memory. */
final class MerkleRoot {
    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private final MessageDigest sha = Digest.sha256();
    private final ArrayDeque<byte[]> subtrees = new ArrayDeque<>();
    private long leaves;

    void add(byte[] bytes, int offset, int length) {
        sha.update(LEAF);
        sha.update(bytes, offset, length);
        byte[] hash = sha.digest();
        for (long n = leaves; (n & 1) == 1; n >>= 1) {
            hash = node(subtrees.pop(), hash);
        }
        subtrees.push(hash);
        leaves++;
    }

    /** The root over all leaves added so far. */
    Digest root() {
        if (leaves == 0) {
            return Digest.of(new byte[0]);
        }
        var open = subtrees.iterator();
        byte[] hash = open.next();
        while (open.hasNext()) {
            hash = node(open.next(), hash);
        }
        return Digest.ofHash(hash);
    }

    private byte[] node(byte[] left, byte[] right) {
        sha.update(NODE);
        sha.update(left);
        sha.update(right);
        return sha.digest();
    }
}
