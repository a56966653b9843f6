/** Models, versions, aliases, and the evidence of a version. Start at {@link dev.perennial.registry.Registry}. */
@NullMarked
package dev.perennial.registry;

import org.jspecify.annotations.NullMarked;
