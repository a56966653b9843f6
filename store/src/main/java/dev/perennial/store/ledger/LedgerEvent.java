package dev.perennial.store.ledger;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A governed change, as its service tells it.
 *
 * @param stream {@code model:flight-delay} or {@code system}; order is kept within a stream
 * @param actor {@code user:NAME} (a name that nobody has authenticated yet), {@code system:loop}, {@code system:replay}
 * @param action from the closed catalogue, for example {@code alias.set}
 * @param object kind and id, for example {@code model:flight-delay/3}
 * @param eventTime the model's clock, milliseconds since 1970
 * @param payload before and after values, digests, reasons; numbers are written as text
 */
public record LedgerEvent(
        String stream, String actor, String action, String object, long eventTime, JsonNode payload) {}
