/** Tests that hold the house: architecture, tidiness, class paths. Start at {@link dev.perennial.house.ArchitectureTest}. */
@NullMarked
package dev.perennial.house;

import org.jspecify.annotations.NullMarked;
