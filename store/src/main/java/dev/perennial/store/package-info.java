/** Durable state: transactions on SQLite or PostgreSQL, blobs by content hash. Start at {@link dev.perennial.store.Database}. */
@NullMarked
package dev.perennial.store;

import org.jspecify.annotations.NullMarked;
