/** Serves the web interface: files from the jar, the page with its nonce, and an honest page when it was not built. */
@NullMarked
package dev.perennial.server.ui;

import org.jspecify.annotations.NullMarked;
