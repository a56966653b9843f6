package dev.perennial.scorings;

import dev.perennial.kernel.Digest;
import org.jspecify.annotations.Nullable;

/**
 * A file to be scored. What scores is pinned when the job is made, and stays through every attempt.
 *
 * @param id counts up with time
 * @param target as it was asked for, for people: {@code endpoint NAME} or the text that named a version
 * @param subject the model or endpoint by whose rights the job is seen
 * @param by who asked, without {@code user:}
 * @param name of the file
 * @param input absolute path on the server's machine; null for a file that was sent
 * @param digest of the file that is sent; null for one on the server's machine
 * @param output absolute path on the server's machine; null where the result is kept for its author to fetch
 * @param force whether the result may replace a file
 * @param errorsMax rows without a result that are taken; null for any number
 * @param attempt of the whole job, 0 before the file has come
 * @param createdAt wall clock
 */
public record ScoringJob(
        String id,
        String target,
        String subject,
        Pinned pinned,
        String by,
        String name,
        @Nullable String input,
        @Nullable String digest,
        RowsFile format,
        RowsFile resultFormat,
        @Nullable String output,
        boolean force,
        @Nullable Long errorsMax,
        int attempt,
        long createdAt) {

    /**
     * A version with its files.
     *
     * @param version as results tell it
     */
    public record Pinned(
            String version,
            Digest manifest,
            Digest file,
            @Nullable String environment) {
        /** Of a model that needs no environment. */
        public Pinned(String version, Digest manifest, Digest file) {
            this(version, manifest, file, null);
        }
    }

    /** The name of the result, as people get it. */
    public String resultName() {
        return RowsFile.stem(name) + ".scored." + resultFormat;
    }

    /** Whether the file is sent to the server, and the result fetched from it. */
    public boolean sent() {
        return input == null;
    }
}
