/** The prediction log on local disk and its delivery. Start at {@link dev.perennial.scorer.spool.Spool}. */
@NullMarked
package dev.perennial.scorer.spool;

import org.jspecify.annotations.NullMarked;
