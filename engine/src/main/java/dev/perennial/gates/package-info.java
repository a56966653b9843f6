/**
 * Gates: whether a candidate may serve, decided by a pure function of an {@link dev.perennial.gates.Evaluation}. Start at {@link
 * dev.perennial.gates.Evaluation}.
 */
@NullMarked
package dev.perennial.gates;

import org.jspecify.annotations.NullMarked;
