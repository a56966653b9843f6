package dev.perennial.lifecycle;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ModelId;
import dev.perennial.lifecycle.file.LifecycleFile;

/**
 * The lifecycle file that is in force for a model.
 *
 * @param revision grows with each apply
 * @param folder against which the file's relative paths were read
 * @param text as the team wrote it
 */
public record AppliedLifecycle(
        ModelId model, int revision, Digest digest, String folder, String text, long appliedAt, LifecycleFile file) {}
