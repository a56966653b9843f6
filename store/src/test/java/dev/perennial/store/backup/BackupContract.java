package dev.perennial.store.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.store.UpkeepLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What a backup promises, on both dialects. */
abstract class BackupContract extends BackupFixture {
    private static final int WRITERS = 4;
    private static final int ACKNOWLEDGED_BEFORE = 40;

    @Test
    void aRestoredInstallationHasEveryRowAndEveryBlob() {
        Digest one = write("one");
        write("two");
        backup();
        StoreSettings target = settings(fresh);

        restore(target);

        try (Store restored = open(target)) {
            assertThat(ids(restored)).containsExactly("one", "two");
            assertThat(restored.blobs().bytes(one)).isEqualTo("text of one".getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void writersGoOnAndNothingAcknowledgedBeforeItBeganIsMissing() throws InterruptedException {
        AtomicBoolean going = new AtomicBoolean(true);
        CountDownLatch enough = new CountDownLatch(ACKNOWLEDGED_BEFORE);
        List<String> acknowledged = Collections.synchronizedList(new ArrayList<>());
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            int writer = i;
            writers.add(Thread.ofPlatform().start(() -> {
                for (int n = 0; going.get(); n++) {
                    String id = writer + "-" + n;
                    write(id);
                    acknowledged.add(id);
                    enough.countDown();
                }
            }));
        }
        enough.await();
        List<String> before = List.copyOf(acknowledged);
        Backup.Done done = backup();
        int after = acknowledged.size();
        going.set(false);
        for (Thread writer : writers) {
            writer.join();
        }
        StoreSettings target = settings(fresh);
        restore(target);

        assertThat(done.set().missing()).isEmpty();
        assertThat(after).as("writes during the backup").isGreaterThan(before.size());
        try (Store restored = open(target)) {
            assertThat(ids(restored)).containsAll(before).isSubsetOf(acknowledged);
            restored.database()
                    .read(sql -> sql.createQuery("select blob from note")
                            .mapTo(String.class)
                            .list())
                    .forEach(blob ->
                            assertThat(restored.blobs().bytes(new Digest(blob))).isNotEmpty());
            assertThat(restored.ledger().streams(PageRequest.of(null, null)).items().stream()
                            .filter(head -> head.stream().equals("model:notes"))
                            .findFirst()
                            .orElseThrow()
                            .entries())
                    .as("row and ledger entry are of one moment")
                    .isEqualTo(ids(restored).size());
        }
    }

    @Test
    void aSecondBackupCopiesOnlyNewBlobs() {
        write("one");
        write("two");
        assertThat(backup().newBlobs()).isEqualTo(2);
        write("three");

        Backup.Done second = backup();

        assertThat(second.newBlobs()).isEqualTo(1);
        assertThat(second.set().blobs()).isEqualTo(3);
        assertThat(second.folder()).isNotEqualTo(backups.resolve("nothing"));
    }

    @Test
    void anEarlierSetIsRestoredByItsName() {
        write("one");
        String first = backup().set().name();
        write("two");
        backup();
        StoreSettings target = settings(fresh);

        new Restore(backups, Optional.of(first), target, line -> {}).run();

        try (Store restored = open(target)) {
            assertThat(ids(restored)).containsExactly("one");
        }
    }

    @Test
    void aRestoredLedgerSaysThatItWasRestoredOnce() {
        write("one");
        String set = backup().set().name();
        StoreSettings target = settings(fresh);
        restore(target);
        open(target).close();

        try (Store restored = open(target)) {
            assertThat(restored.ledger()
                            .entries("system", PageRequest.of(null, null))
                            .items())
                    .singleElement()
                    .satisfies(entry -> {
                        assertThat(entry.action()).isEqualTo("system.restore");
                        assertThat(entry.object()).isEqualTo("backup:" + set);
                    });
        }
    }

    @Test
    void keysAreReadableByTheirOwnerAlone() throws IOException {
        Path set = backup().folder();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(set.resolve("files/keys/ledger.key"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(set)))
                .isEqualTo("rwx------");
    }

    @Test
    void aRestoreIntoAFolderWithAFileIsRefused() throws IOException {
        backup();
        Files.createDirectories(fresh);
        Files.writeString(fresh.resolve("mine"), "keep me");
        StoreSettings target = settings(fresh);

        assertThatThrownBy(() -> restore(target))
                .isInstanceOf(PerennialException.class)
                .hasMessage(fresh + " is not empty; restore into a new folder, so that nothing is overwritten");
        assertThat(fresh.resolve("mine")).hasContent("keep me");
    }

    @Test
    void aDamagedBlobIsNamedAndNothingIsRestored() throws IOException {
        Digest blob = write("one");
        Path set = backup().folder();
        Path damaged = blobOf(backups, blob);
        Files.writeString(damaged, "text of onf");
        StoreSettings target = settings(fresh);

        assertThatThrownBy(() -> restore(target))
                .hasMessage("the backup " + set + " is damaged: " + damaged
                        + ": its bytes have another digest; nothing was restored, name another set with --set");
        assertThat(fresh).doesNotExist();
    }

    @Test
    void aMissingBlobIsNamed() throws IOException {
        Path gone = blobOf(backups, write("one"));
        backup();
        Files.delete(gone);
        StoreSettings target = settings(fresh);

        assertThatThrownBy(() -> restore(target)).hasMessageContaining(gone + ": it is missing");
    }

    @Test
    void aDamagedKeyIsNamed() throws IOException {
        Path key = backup().folder().resolve("files/keys/ledger.key");
        Files.writeString(key, "nonsense");
        StoreSettings target = settings(fresh);

        assertThatThrownBy(() -> restore(target)).hasMessageContaining(key + ": its digest is ");
    }

    @Test
    void aManifestThatIsNoJsonIsNamed() throws IOException {
        Path set = backup().folder();
        Files.writeString(set.resolve("manifest.json"), "{\"format\":");
        StoreSettings target = settings(fresh);

        assertThatThrownBy(() -> restore(target))
                .hasMessageContaining("the backup " + set + " is damaged: " + set.resolve("manifest.json"));
    }

    @Test
    void aBlobThatTheBackupLostSinceIsCopiedAgain() throws IOException {
        Digest blob = write("one");
        backup();
        Files.writeString(blobOf(backups, blob), "rotten");

        backup();

        assertThat(blobOf(backups, blob)).hasContent("text of one");
    }

    @Test
    void aBlobThatTheInstallationHasLostIsReported() throws IOException {
        Digest lost = write("one");
        Digest damaged = write("two");
        Files.delete(blobOf(source.dataDir(), lost));
        Path file = blobOf(source.dataDir(), damaged);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(file, "rotten");

        Backup.Done done = backup();

        assertThat(done.set().missing()).containsExactlyInAnyOrder(lost.hex(), damaged.hex());
        assertThat(done.set().blobs()).isZero();
    }

    @Test
    void afolderOfSomethingElseIsNotWrittenInto() throws IOException {
        Files.createDirectories(backups);
        Files.writeString(backups.resolve("thesis.tex"), "x");

        assertThatThrownBy(this::backup)
                .hasMessage(backups + " is not empty and holds no backups; name a new or empty folder");
    }

    @Test
    void aBackupInsideTheDataDirectoryIsRefused() {
        Path inside = source.dataDir().resolve("backups");

        assertThatThrownBy(() -> new Backup(source, inside, clock, line -> {}).run())
                .hasMessage("the backup " + inside + " would lie inside the data directory; name a folder elsewhere");
    }

    @Test
    void aFolderWithoutBackupsCannotBeRestored() throws IOException {
        Files.createDirectories(backups);
        StoreSettings target = settings(fresh);

        assertThatThrownBy(() -> restore(target))
                .hasMessage(backups + " holds no backup; name the folder that 'perennial backup' was given");
    }

    @Test
    void nothingIsDeletedForGoodWhileABackupIsTaken() {
        List<String> refused = new ArrayList<>();
        Backup watched = new Backup(source, backups, clock, line -> {
            try (UpkeepLock lock = UpkeepLock.forDeletion(source.dataDir())) {
                refused.add("allowed: " + lock);
            } catch (PerennialException e) {
                refused.add(e.code().name());
            }
        });

        watched.run();

        assertThat(refused).isNotEmpty().containsOnly("CONFLICT");
    }

    @Test
    void aBackupWaitsForNoDeletion() {
        try (UpkeepLock lock = UpkeepLock.forDeletion(source.dataDir())) {
            assertThat(lock).isNotNull();
            assertThatThrownBy(this::backup)
                    .hasMessage(
                            "'perennial gc' is deleting from " + source.dataDir() + "; try again when it has ended");
        }
    }

    @Test
    void twoBackupsIntoOneFolderAtOnceAreRefused() {
        List<String> told = new ArrayList<>();
        new Backup(source, backups, clock, line -> {
                    if (told.isEmpty()) {
                        told.add("tried");
                        assertThatThrownBy(this::backup)
                                .hasMessage("another backup is being written into " + backups + "; wait for its end");
                    }
                })
                .run();

        assertThat(told).containsExactly("tried");
    }

    @Test
    void aSegmentThatWaitsForDeliveryIsCopiedAndProcessFilesAreNot() throws IOException {
        Path scorer = source.dataDir().resolve("scorer/local-1");
        Files.createDirectories(scorer.resolve("spool"));
        Files.writeString(scorer.resolve("spool/segment-1"), "predictions");
        Files.createDirectories(scorer.resolve("spool/python/1/model"));
        Files.writeString(scorer.resolve("spool/python/1/model/MLmodel"), "a copy of a blob");
        Files.writeString(scorer.resolve("pid"), "17");
        Path standalone = Files.createDirectories(source.dataDir().resolve("scorers/edge"));
        Files.writeString(Files.createDirectories(standalone.resolve("spool")).resolve("segment-2"), "others");
        Files.writeString(
                Files.createDirectories(standalone.resolve("environments")).resolve("python"), "made anew");
        Files.writeString(Files.createDirectories(standalone.resolve("blobs")).resolve("model"), "fetched again");
        Files.writeString(source.dataDir().resolve("internal.token"), "secret");
        backup();
        StoreSettings target = settings(fresh);

        restore(target);

        assertThat(fresh.resolve("scorer/local-1/spool/segment-1")).hasContent("predictions");
        assertThat(fresh.resolve("scorer/local-1/spool/python")).doesNotExist();
        assertThat(fresh.resolve("scorer/local-1/pid")).doesNotExist();
        assertThat(fresh.resolve("scorers/edge/spool/segment-2")).hasContent("others");
        assertThat(fresh.resolve("scorers/edge/environments")).doesNotExist();
        assertThat(fresh.resolve("scorers/edge/blobs")).doesNotExist();
        assertThat(fresh.resolve("internal.token")).doesNotExist();
    }

    @Test
    void noServerStartsOnAHalfRestoredDirectoryAndARestoreStartsOver() throws IOException {
        write("one");
        backup();
        StoreSettings target = settings(fresh);
        Files.createDirectories(fresh.resolve("blobs"));
        Files.writeString(fresh.resolve("restore.unfinished"), "2026");

        assertThatThrownBy(() -> open(target))
                .hasMessage("a restore into " + fresh
                        + " was interrupted or is running; run 'perennial restore' again and let it end");
        restore(target);
        try (Store restored = open(target)) {
            assertThat(ids(restored)).containsExactly("one");
        }
    }
}
