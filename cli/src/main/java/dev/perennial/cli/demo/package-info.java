/** The story that {@code perennial demo} plays; start at {@link dev.perennial.cli.demo.Demo}. */
@NullMarked
package dev.perennial.cli.demo;

import org.jspecify.annotations.NullMarked;
