/**
 * Models, versions, aliases, and the evidence of a version. There is one registry: {@link dev.perennial.registry.RegistryRoom} is how
 * people and their programs see it, {@link dev.perennial.registry.Registry} how the loop does.
 */
@NullMarked
package dev.perennial.registry;

import org.jspecify.annotations.NullMarked;
