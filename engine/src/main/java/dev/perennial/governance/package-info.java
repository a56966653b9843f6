/** Who may do what. */
@NullMarked
package dev.perennial.governance;

import org.jspecify.annotations.NullMarked;
