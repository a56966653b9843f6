/** The server program: wiring and adapters only. Start at {@link dev.perennial.server.Rooms}. */
@NullMarked
package dev.perennial.server;

import org.jspecify.annotations.NullMarked;
