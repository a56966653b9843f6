/**
 * The data engine: DuckDB behind one gateway, features in SQL, snapshots, validation, skew. Start at {@link
 * dev.perennial.worker.data.DuckDb}, then {@link dev.perennial.worker.data.FeatureQuery}.
 */
@NullMarked
package dev.perennial.worker.data;

import org.jspecify.annotations.NullMarked;
