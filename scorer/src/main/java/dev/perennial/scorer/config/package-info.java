/** What a scorer serves, asked of the server by long polling. Start at {@link dev.perennial.scorer.config.ConfigPoller}. */
@NullMarked
package dev.perennial.scorer.config;

import org.jspecify.annotations.NullMarked;
