package dev.perennial.scorings;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.serving.Preparation;
import dev.perennial.serving.VersionFinder;
import org.jspecify.annotations.Nullable;

/**
 * A file to be scored. What scores is pinned when the job is made, and stays through every attempt.
 *
 * @param id counts up with time
 * @param target as it was asked for, for people: {@code endpoint NAME} or the text that named a version
 * @param project of a registered model by whose rights the job is seen; null when its subject is of the whole installation
 * @param subject the model or endpoint by whose rights the job is seen
 * @param by who asked, without {@code user:}
 * @param name of the file
 * @param input absolute path on the server's machine; null for a file that was sent
 * @param digest of the file that is sent; null for one on the server's machine
 * @param output absolute path on the server's machine; null where the result is kept for its author to fetch
 * @param force whether the result may replace a file
 * @param errorsMax rows without a result that are taken; null for any number
 * @param attempt of the whole job, 0 before the file has come
 * @param admission what was found when the model was looked at for this job: verdict, reason, evidence; null until then, and for a version that
 *     needed no preparation
 * @param createdAt wall clock
 */
public record ScoringJob(
        String id,
        String target,
        @Nullable String project,
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
        @Nullable JsonNode admission,
        long createdAt) {

    /**
     * A version with its files.
     *
     * @param version as results tell it
     * @param manifest null when it is yet to be made
     * @param preparation how it is made ready; null when it is
     */
    public record Pinned(
            String version,
            @Nullable Digest manifest,
            Digest file,
            @Nullable String environment,
            @Nullable Preparation preparation) {
        /** Of a model that needs no environment. */
        public Pinned(String version, Digest manifest, Digest file) {
            this(version, manifest, file, null, null);
        }

        /** One that is made ready first. */
        public static Pinned prepared(VersionFinder.Found found) {
            Preparation preparation = found.preparation();
            return new Pinned(
                    found.version().toString(), preparation.manifest(), preparation.file(), null, preparation);
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
