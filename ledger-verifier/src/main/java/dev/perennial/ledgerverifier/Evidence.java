package dev.perennial.ledgerverifier;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a ledger claims, as read, before any of it is believed.
 *
 * @param rows entries: those with a leaf index first, in its order, then the others by stream and number
 * @param checkpoints signed notes, oldest first
 * @param heads newest entry of each stream, where the source keeps such a list
 * @param ownKey the key that the source itself names
 * @param findings what was wrong with the vessel
 */
record Evidence(
        String ledger,
        List<Row> rows,
        Map<String, Payload> payloads,
        List<String> checkpoints,
        Optional<Map<String, Head>> heads,
        PublicKeyLine ownKey,
        List<Report.Finding> findings) {

    /**
     * One entry.
     *
     * @param place stream, or file, under which it stands
     * @param seq number under which it stands; 0 when only the header knows
     * @param statedHash the hash that the source states for it
     */
    record Row(String place, long seq, byte[] header, String statedHash, OptionalLong leaf, Optional<Links> links) {}

    /** Copies of two header fields in columns of their own. */
    record Links(String prev, String commit) {}

    /** Salt and bytes, both absent when erased. */
    record Payload(byte @Nullable [] salt, byte @Nullable [] bytes) {
        boolean present() {
            return salt != null && bytes != null;
        }
    }

    record Head(long seq, String hash) {}
}
