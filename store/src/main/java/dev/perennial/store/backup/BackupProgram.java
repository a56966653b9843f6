package dev.perennial.store.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.StoreSettings;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The program behind {@code perennial backup} and {@code perennial restore}: a process of its own beside the server, so that a large copy
 * costs the server neither memory nor requests, and works without a server too. It prints JSON, one object a line: {@code progress}, and
 * at the end {@code done} or {@code failed}. The database's password comes by the environment, where no list of processes shows it.
 */
public final class BackupProgram {
    private static final String PASSWORD = "PERENNIAL_DATABASE_PASSWORD";

    private BackupProgram() {}

    /** Arguments: {@code backup|restore FOLDER DATA_DIR}; {@code -Dperennial.database-url}, {@code -user}, {@code -Dperennial.set}, .. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        out.println(Json.write(run(arguments, System.getenv(), out)));
    }

    private static ObjectNode run(String[] arguments, Map<String, String> environment, PrintStream out) {
        try {
            Path folder = Path.of(arguments[1]).toAbsolutePath().normalize();
            StoreSettings settings = settings(Path.of(arguments[2]), environment);
            System.setProperty(
                    "org.sqlite.tmpdir",
                    Optional.of(settings.dataDir().resolve("native"))
                            .filter(java.nio.file.Files::isDirectory)
                            .map(Path::toString)
                            .orElse(System.getProperty("java.io.tmpdir")));
            return arguments[0].equals("backup")
                    ? backup(chosen(new Backup(settings, folder, InstantSource.system(), line -> tell(out, line))))
                    : restore(chosen(new Restore(
                            folder,
                            Optional.ofNullable(System.getProperty("perennial.set")),
                            settings,
                            line -> tell(out, line))));
        } catch (PerennialException e) {
            return Json.object()
                    .put("event", "failed")
                    .put("code", e.code().name())
                    .put("message", e.getMessage());
        } catch (RuntimeException e) {
            return Json.object()
                    .put("event", "failed")
                    .put("code", ErrorCode.INTERNAL.name())
                    .put("message", e.toString());
        }
    }

    private static Backup chosen(Backup backup) {
        return Boolean.getBoolean("perennial.without-artifacts") ? backup.withoutPlainFiles() : backup;
    }

    private static Restore chosen(Restore restore) {
        String destination = System.getProperty("perennial.artifacts-destination");
        Restore chosen = destination == null ? restore : restore.plainFilesInto(Path.of(destination));
        String root = System.getProperty("perennial.default-artifact-root");
        return root == null ? chosen : chosen.rootInto(Path.of(root));
    }

    private static StoreSettings settings(Path dataDir, Map<String, String> environment) {
        return new StoreSettings(
                dataDir,
                Optional.ofNullable(System.getProperty("perennial.database-url")),
                System.getProperty("perennial.database-user", ""),
                environment.getOrDefault(PASSWORD, ""),
                0);
    }

    private static void tell(PrintStream out, String line) {
        out.println(Json.write(Json.object().put("event", "progress").put("text", line)));
    }

    private static ObjectNode backup(Backup backup) {
        Backup.Done done = backup.run();
        ObjectNode told = describe(done.set()).put("folder", done.folder().toString());
        return told.put("newBlobs", done.newBlobs()).put("newBlobBytes", done.newBlobBytes());
    }

    private static ObjectNode restore(Restore restore) {
        return describe(restore.run());
    }

    private static ObjectNode describe(BackupSet set) {
        ObjectNode told = Json.object()
                .put("event", "done")
                .put("set", set.name())
                .put("createdAt", set.createdAt())
                .put("database", set.dialect())
                .put("schema", set.schema())
                .put("files", set.files().size())
                .put("blobs", set.blobs())
                .put("blobBytes", set.blobBytes());
        set.missing().forEach(told.putArray("missing")::add);
        describe(told, "artifacts", set.artifacts());
        describe(told, "rootArtifacts", set.root());
        return told;
    }

    private static void describe(ObjectNode told, String key, BackupSet.@Nullable PlainFiles plain) {
        if (plain != null) {
            told.putObject(key)
                    .put("folder", plain.folder())
                    .put("included", plain.included())
                    .put("files", plain.files())
                    .put("bytes", plain.bytes());
        }
    }
}
