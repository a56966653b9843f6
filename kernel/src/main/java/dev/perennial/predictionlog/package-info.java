/**
 * The prediction log: what a scorer answered, as CRC-framed binary segment files that survive a kill at any byte and are delivered to
 * the server as they are. Start at {@link dev.perennial.predictionlog.SegmentReader} (reading) or {@link
 * dev.perennial.predictionlog.SegmentWriter} (writing).
 */
@NullMarked
package dev.perennial.predictionlog;

import org.jspecify.annotations.NullMarked;
