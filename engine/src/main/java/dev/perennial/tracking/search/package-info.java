/**
 * The filter and order language of searches, compiled to SQL of either dialect. Start at {@link
 * dev.perennial.tracking.search.FilterParser} and {@link dev.perennial.tracking.search.RunSearch}.
 */
@NullMarked
package dev.perennial.tracking.search;

import org.jspecify.annotations.NullMarked;
