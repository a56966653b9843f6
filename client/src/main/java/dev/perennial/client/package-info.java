/**
 * A small client of the server's HTTP API for Java 17 and later; start at {@link dev.perennial.client.PerennialClient}. Answers are JSON
 * trees, errors are {@link dev.perennial.client.ClientException}.
 */
@NullMarked
package dev.perennial.client;

import org.jspecify.annotations.NullMarked;
