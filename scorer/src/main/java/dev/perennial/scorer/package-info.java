/** The room {@code scorer}. */
@NullMarked
package dev.perennial.scorer;

import org.jspecify.annotations.NullMarked;
