package dev.perennial.store;

import dev.perennial.kernel.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which blobs were found to be named. Blobs are known by the first eight bytes of their digest: two that share them are named together,
 * which keeps too much and never too little.
 */
final class BlobMarks {
    private final List<Digest> blobs;
    private final long[] starts;
    private final BitSet named;
    private final BitSet young;

    private BlobMarks(List<Digest> blobs, BitSet young) {
        this.blobs = blobs;
        this.young = young;
        this.starts = blobs.stream().mapToLong(BlobMarks::start).toArray();
        this.named = new BitSet(starts.length);
    }

    /** All blobs that are there; those put at or after a time are never {@link #unnamed}. */
    static BlobMarks of(FileBlobStore store, Instant putBefore) {
        record Found(Digest blob, boolean young) {}
        List<Found> found = new ArrayList<>();
        store.each((blob, put) -> found.add(new Found(blob, !put.isBefore(putBefore))));
        found.sort(Comparator.comparingLong(each -> start(each.blob())));
        BitSet young = new BitSet(found.size());
        IntStream.range(0, found.size()).filter(i -> found.get(i).young()).forEach(young::set);
        return new BlobMarks(found.stream().map(Found::blob).toList(), young);
    }

    private static long start(Digest blob) {
        return blob.seed();
    }

    /** Marks a digest; true when it is that of a blob which was not marked before. */
    boolean name(Digest digest) {
        int at = Arrays.binarySearch(starts, start(digest));
        if (at < 0) {
            return false;
        }
        while (at > 0 && starts[at - 1] == starts[at]) {
            at--;
        }
        boolean first = !named.get(at);
        for (int i = at; i < starts.length && starts[i] == starts[at]; i++) {
            named.set(i);
        }
        return first;
    }

    /** What was put so lately that its name may not be written down yet. */
    List<Digest> young() {
        return young.stream().mapToObj(blobs::get).toList();
    }

    /** What may go. */
    List<Digest> unnamed() {
        return IntStream.range(0, blobs.size())
                .filter(i -> !named.get(i) && !young.get(i))
                .mapToObj(blobs::get)
                .toList();
    }
}
