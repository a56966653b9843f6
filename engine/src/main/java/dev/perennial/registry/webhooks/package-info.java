/** Who wants to hear of changes in the registry, and what is still to be told. Start at {@link dev.perennial.registry.webhooks.Webhooks}. */
@NullMarked
package dev.perennial.registry.webhooks;

import org.jspecify.annotations.NullMarked;
