/** The lifecycle file as records: what a team declares about one model. Start at {@link dev.perennial.lifecycle.file.LifecycleFile}. */
@NullMarked
package dev.perennial.lifecycle.file;

import org.jspecify.annotations.NullMarked;
