package dev.perennial.ledgerverifier;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Verifies a ledger: an export (folder or archive), a data directory, or a SQLite file, also while a server is using it. Reads only, and
 * believes nothing that it has not computed itself.
 */
public final class LedgerVerifier {
    private static final String DATABASE = "perennial.db";
    private static final String PUBLIC_KEY = "ledger.pub";
    private static final String MANIFEST = "manifest.json";

    private LedgerVerifier() {}

    /**
     * Verifies with the key in a file, or without one with the key that lies beside the ledger.
     *
     * @param publicKey a copy of {@code ledger.pub} that was got elsewhere
     */
    public static Report verify(Path target, Optional<Path> publicKey) {
        return verify(target, publicKey, List.of());
    }

    /**
     * As {@link #verify(Path, Optional)}, and checks that nothing was taken away since checkpoints that the caller kept.
     *
     * @param trusted files with one signed checkpoint or several
     */
    public static Report verify(Path target, Optional<Path> publicKey, List<Path> trusted) {
        try {
            Evidence evidence = read(target);
            List<String> notes = new ArrayList<>();
            PublicKeyLine key = key(target, publicKey, evidence, notes);
            List<String> trustedNotes = new ArrayList<>();
            for (Path file : trusted) {
                trustedNotes.addAll(SignedNote.split(StrictJson.utf8(Files.readAllBytes(file))));
            }
            if (trusted.isEmpty()) {
                notes.add(
                        "no checkpoint of your own was given: that the newest entries were not cut off cannot be told");
            }
            return new Verification(evidence, key).run(trustedNotes, notes);
        } catch (Unusable e) {
            return unusable(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return unusable("cannot read " + e.getMessage());
        }
    }

    private static Report unusable(String problem) {
        Report.Finding finding = new Report.Finding(Report.Status.BROKEN, "input", 0, problem, "", "");
        return new Report(Report.Status.BROKEN, "", 0, 0, 0, 0, 0, Optional.empty(), List.of(finding), List.of());
    }

    private static Evidence read(Path target) throws IOException {
        if (Files.isDirectory(target)) {
            Path database = target.resolve(DATABASE);
            if (Files.isRegularFile(database)) {
                return DatabaseSource.read(database.toAbsolutePath());
            }
            if (Files.exists(target.resolve(MANIFEST))) {
                return ExportSource.readFolder(target);
            }
            throw new Unusable(target + " is neither a data directory with " + DATABASE + " nor an export with "
                    + MANIFEST + "; a ledger in PostgreSQL is verified from its export");
        }
        if (!Files.isRegularFile(target)) {
            throw new Unusable("there is no file or folder " + target);
        }
        return target.getFileName().toString().endsWith(".db")
                ? DatabaseSource.read(target.toAbsolutePath())
                : ExportSource.readArchive(Files.readAllBytes(target));
    }

    private static PublicKeyLine key(Path target, Optional<Path> given, Evidence evidence, List<String> notes)
            throws IOException {
        Path beside = target.resolveSibling(PUBLIC_KEY);
        Path inside = target.resolve(PUBLIC_KEY);
        Optional<Path> file = given.isPresent()
                ? given
                : List.of(inside, beside).stream()
                        .filter(path -> Files.isRegularFile(path) && !isExport(target))
                        .findFirst();
        if (file.isEmpty()) {
            notes.add("the key comes from the ledger itself; compare it with a copy got elsewhere: "
                    + evidence.ownKey().line());
            return evidence.ownKey();
        }
        PublicKeyLine key = PublicKeyLine.parse(
                Files.readString(file.get(), StandardCharsets.UTF_8).strip());
        if (!key.line().equals(evidence.ownKey().line())) {
            throw new Unusable("the ledger names the key " + evidence.ownKey().line() + ", " + file.get() + " holds "
                    + key.line());
        }
        return key;
    }

    private static boolean isExport(Path target) {
        return Files.isDirectory(target)
                ? !Files.exists(target.resolve(DATABASE))
                : !target.getFileName().toString().endsWith(".db");
    }
}
