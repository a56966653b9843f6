/** The room {@code client}. */
@NullMarked
package dev.perennial.client;

import org.jspecify.annotations.NullMarked;
