/** Tensors as the Open Inference Protocol names them: what models take and give, and what travels in requests and answers. */
@NullMarked
package dev.perennial.tensors;

import org.jspecify.annotations.NullMarked;
