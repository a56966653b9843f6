/**
 * Rollouts: how a candidate that passed its gates takes the traffic, decided by pure functions of stored evidence. Start at {@link
 * dev.perennial.rollout.RolloutJudge}.
 */
@NullMarked
package dev.perennial.rollout;

import org.jspecify.annotations.NullMarked;
