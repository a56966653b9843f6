/** The room {@code server}. */
@NullMarked
package dev.perennial.server;

import org.jspecify.annotations.NullMarked;
