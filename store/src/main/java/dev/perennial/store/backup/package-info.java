/** Copies of an installation's durable state, taken while it is used, and the way back. */
@NullMarked
package dev.perennial.store.backup;

import org.jspecify.annotations.NullMarked;
