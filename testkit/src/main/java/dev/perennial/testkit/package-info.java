/** The room {@code testkit}. */
@NullMarked
package dev.perennial.testkit;

import org.jspecify.annotations.NullMarked;
