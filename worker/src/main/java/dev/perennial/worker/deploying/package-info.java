/** Steps that make a registered version servable. */
@NullMarked
package dev.perennial.worker.deploying;

import org.jspecify.annotations.NullMarked;
