/**
 * The driver of a replay: plays past data in event time against a real server and a real scorer. Start at {@link
 * dev.perennial.worker.replay.ReplayStep}.
 */
@NullMarked
package dev.perennial.worker.replay;

import org.jspecify.annotations.NullMarked;
