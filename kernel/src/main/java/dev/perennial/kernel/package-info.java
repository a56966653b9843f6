/**
 * What every room shares: error codes, typed ids, clock and identifiers, canonical JSON, digests, paging. Start at {@link
 * dev.perennial.kernel.PerennialException}; nothing here does I/O.
 */
@NullMarked
package dev.perennial.kernel;

import org.jspecify.annotations.NullMarked;
