/** Who may ask a scorer what; the rights come with the configuration. Start at {@link dev.perennial.scorer.access.Gate}. */
@NullMarked
package dev.perennial.scorer.access;

import org.jspecify.annotations.NullMarked;
