/**
 * What a model must show before it serves, and the process with limits in which foreign ones show it. Start at {@link
 * dev.perennial.scoring.admission.Admission}.
 */
@NullMarked
package dev.perennial.scoring.admission;

import org.jspecify.annotations.NullMarked;
