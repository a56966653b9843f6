/**
 * The command line: wiring and words, no rules. Start at {@link dev.perennial.cli.Main}; each command is a class that talks to the server
 * through {@code dev.perennial.client}. Results go to standard output, progress and errors to standard error.
 */
@NullMarked
package dev.perennial.cli;

import org.jspecify.annotations.NullMarked;
