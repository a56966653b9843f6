package dev.perennial.store.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One entry as stored.
 *
 * @param recordedAt wall clock of the writing, milliseconds since 1970
 * @param payload empty when it was erased
 * @param leaf position in the tree, empty until the next checkpoint
 */
public record LedgerEntry(
        String stream,
        long seq,
        Digest hash,
        String actor,
        String action,
        String object,
        long recordedAt,
        Optional<JsonNode> payload,
        OptionalLong leaf) {

    static LedgerEntry of(String hash, byte[] header, byte @Nullable [] payload, OptionalLong leaf) {
        JsonNode fields = Json.parse(new String(header, StandardCharsets.UTF_8));
        return new LedgerEntry(
                fields.path("stream").asText(),
                Long.parseLong(fields.path("seq").asText()),
                new Digest(hash),
                fields.path("actor").asText(),
                fields.path("action").asText(),
                fields.path("object").asText(),
                Instant.parse(fields.path("ts").asText()).toEpochMilli(),
                payload == null ? Optional.empty() : Optional.of(Json.parse(payload)),
                leaf);
    }
}
