/** The control side of scorers: endpoints and variants, the intake of prediction logs and labels. Start at {@link dev.perennial.serving.Endpoints}. */
@NullMarked
package dev.perennial.serving;

import org.jspecify.annotations.NullMarked;
