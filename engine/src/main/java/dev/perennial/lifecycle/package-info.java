/**
 * The wheel that turns the other rooms: apply a lifecycle file, close days, judge gates and rollouts, decide about retraining. Start at
 * {@link dev.perennial.lifecycle.LifecycleLoop}.
 */
@NullMarked
package dev.perennial.lifecycle;

import org.jspecify.annotations.NullMarked;
