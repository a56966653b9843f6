package dev.perennial.store.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.store.PlainFolders;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Artifacts that a server keeps as plain files outside its data directory. */
class PlainFilesBackupTest extends BackupFixture {
    private Path plain;
    private Path plainAgain;

    @Override
    StoreSettings settings(Path dataDir) {
        return StoreSettings.local(dataDir);
    }

    @BeforeEach
    void tell() {
        plain = folder.resolve("mlartifacts");
        plainAgain = folder.resolve("restored-artifacts");
        new PlainFolders(Optional.of(plain), Optional.empty(), Optional.empty()).tell(source.dataDir());
    }

    private Path put(String path, String text) throws IOException {
        Path file = plain.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private Restore restored() {
        return new Restore(backups, Optional.empty(), settings(fresh), line -> {}).plainFilesInto(plainAgain);
    }

    @Test
    void everyFileComesBackUnderItsPath() throws IOException {
        put("0/run/artifacts/model/MLmodel", "flavors");
        put("0/run/artifacts/ä b\nc.txt", "odd name");
        put("0/run/artifacts/empty", "");
        backup();

        restored().run();

        assertThat(plainAgain.resolve("0/run/artifacts/model/MLmodel")).hasContent("flavors");
        assertThat(plainAgain.resolve("0/run/artifacts/ä b\nc.txt")).hasContent("odd name");
        assertThat(plainAgain.resolve("0/run/artifacts/empty")).isEmptyFile();
        try (var top = Files.list(plainAgain)) {
            assertThat(top).containsExactly(plainAgain.resolve("0"));
        }
    }

    @Test
    void theManifestSaysWhatIsInIt() throws IOException {
        put("a", "1234");
        put("b", "12");

        BackupSet set = backup().set();

        assertThat(set.artifacts()).isEqualTo(new BackupSet.PlainFiles(plain.toString(), true, 2, 6));
        assertThat(set.format()).isEqualTo(2);
    }

    @Test
    void whoeverLeavesThemOutFindsThatInTheManifestAndNeedsNoFolder() throws IOException {
        put("a", "1234");
        BackupSet set = new Backup(source, backups, clock, line -> {})
                .withoutPlainFiles()
                .run()
                .set();

        assertThat(set.artifacts()).isEqualTo(new BackupSet.PlainFiles(plain.toString(), false, 0, 0));
        assertThat(set.format()).isEqualTo(1);
        restore(settings(fresh));
        assertThat(plainAgain).doesNotExist();
    }

    @Test
    void aServerWithoutPlainFilesHasNoneInItsManifest() {
        PlainFolders.none().tell(source.dataDir());

        assertThat(backup().set().artifacts()).isNull();
        assertThat(source.dataDir().resolve(PlainFolders.FILE)).doesNotExist();
    }

    @Test
    void aFolderThatIsNotThereYetHasNoFiles() {
        assertThat(backup().set().artifacts()).isEqualTo(new BackupSet.PlainFiles(plain.toString(), true, 0, 0));
    }

    @Test
    void aSecondBackupSharesWhatHasNotChanged() throws IOException {
        put("same", "same");
        put("changes", "before");
        backup();
        put("changes", "after");
        String second = backup().set().name();

        new Restore(backups, Optional.of(second), settings(fresh), line -> {})
                .plainFilesInto(plainAgain)
                .run();

        assertThat(plainAgain.resolve("changes")).hasContent("after");
        try (var blobs = Files.walk(backups.resolve("blobs"))) {
            assertThat(blobs.filter(Files::isRegularFile)).hasSize(3);
        }
    }

    @Test
    void theNewDataDirectoryHoldsNoBlobsOfPlainFiles() throws IOException {
        Path file = put("a", "1234");
        Digest blob = write("one");
        backup();

        restored().run();

        assertThat(blobOf(fresh, blob)).exists();
        assertThat(blobOf(fresh, Digest.ofFile(file))).doesNotExist();
    }

    @Test
    void aRestoreWithoutAFolderForThemIsRefusedBeforeAnythingIsWritten() throws IOException {
        put("a", "1234");
        String set = backup().set().name();

        assertThatThrownBy(() -> restore(settings(fresh)))
                .hasMessage("the backup " + set + " holds 1 artifacts that were plain files in " + plain
                        + "; name a new or empty folder for them with --artifacts-destination");
        assertThat(fresh).doesNotExist();
    }

    @Test
    void aFolderThatIsNotNeededIsRefused() {
        PlainFolders.none().tell(source.dataDir());
        String set = backup().set().name();

        assertThatThrownBy(() -> restored().run())
                .hasMessage(
                        "the backup " + set + " holds no plain files of artifacts; leave --artifacts-destination out");
    }

    @Test
    void aFolderThatHoldsSomethingIsNotWrittenInto() throws IOException {
        put("a", "1234");
        backup();
        Files.createDirectories(plainAgain);
        Files.writeString(plainAgain.resolve("mine"), "keep me");

        assertThatThrownBy(() -> restored().run())
                .hasMessage(
                        plainAgain + " is not empty; name a new folder for artifacts, so that nothing is overwritten");
        assertThat(plainAgain.resolve("mine")).hasContent("keep me");
        assertThat(fresh).doesNotExist();
    }

    @Test
    void artifactsDoNotGoIntoTheDataDirectory() throws IOException {
        put("a", "1234");
        backup();

        assertThatThrownBy(() -> new Restore(backups, Optional.empty(), settings(fresh), line -> {})
                        .plainFilesInto(fresh.resolve("artifacts"))
                        .run())
                .hasMessageContaining("because the data directory is " + fresh + "; name a folder beside it");
    }

    @Test
    void whatAnInterruptedRestoreLeftIsWrittenAnew() throws IOException {
        put("a", "1234");
        backup();
        Files.createDirectories(plainAgain.resolve("half"));
        Files.writeString(plainAgain.resolve(".perennial-restore-unfinished"), "");

        restored().run();

        try (var top = Files.list(plainAgain)) {
            assertThat(top).containsExactly(plainAgain.resolve("a"));
        }
    }

    @Test
    void aDamagedCopyIsNamedWithItsPathAndNothingIsRestored() throws IOException {
        Path file = put("0/run/model.bin", "1234");
        Path set = backup().folder();
        Path copy = blobOf(backups, Digest.ofFile(file));
        Files.writeString(copy, "1235");

        assertThatThrownBy(() -> restored().run())
                .hasMessageContaining("the backup " + set + " is damaged: " + copy
                        + ": artifact 0/run/model.bin is missing or has other bytes");
        assertThat(fresh).doesNotExist();
        assertThat(plainAgain).doesNotExist();
    }

    @Test
    void aCopyThatRottedSinceIsMadeAnew() throws IOException {
        Path file = put("a", "1234");
        backup();
        Path copy = blobOf(backups, Digest.ofFile(file));
        Files.writeString(copy, "1235");

        backup();

        assertThat(copy).hasContent("1234");
    }

    @Test
    void linksAndWhatIsUnfinishedStayOut() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "secret");
        put("a", "1");
        put(".perennial-unfinished/put1", "half");
        Files.createSymbolicLink(plain.resolve("link"), secret);
        Files.createSymbolicLink(plain.resolve("folder"), folder);

        assertThat(backup().set().artifacts().files()).isEqualTo(1);
    }

    @Test
    void aFileThatIsDeletedMeanwhileIsPassedOver() throws IOException {
        put("a", "1");
        Path gone = put("b", "2");
        List<String> told = new ArrayList<>();

        BackupSet set = new Backup(source, backups, clock, line -> {
                    told.add(line);
                    if (line.startsWith("copying what is new of the artifacts")) {
                        gone.toFile().delete();
                    }
                })
                .run()
                .set();

        assertThat(set.artifacts().files()).isEqualTo(1);
    }

    @Test
    void aBackupAmongTheArtifactsIsRefused() {
        assertThatThrownBy(() -> new Backup(source, plain.resolve("backups"), clock, line -> {}).run())
                .hasMessage("the backup " + plain.resolve("backups") + " would lie among the artifacts in " + plain
                        + "; name a folder elsewhere");
    }

    @Test
    void aTargetThatIsAFileIsRefused() throws IOException {
        Files.writeString(backups, "x");

        assertThatThrownBy(this::backup).hasMessage(backups + " is a file; name a new or empty folder");
    }

    @Test
    void aTargetThatCannotBeWrittenIsToldAndLeavesNoNote() {
        Path nowhere = Path.of("/proc/perennial/backups");

        assertThatThrownBy(() -> new Backup(source, nowhere, clock, line -> {}).run())
                .hasMessageContaining("the backup into /proc/perennial/backups failed: ")
                .hasMessageContaining("it is not complete and is no backup");
        assertThat(source.dataDir().resolve("backups-made")).doesNotExist();
    }

    @Test
    void theLedgerTellsOfEachBackupOnce() throws IOException {
        put("a", "1234");
        String first = backup().set().name();
        String second = backup().set().name();
        store.tellBackups(clock);
        store.tellBackups(clock);

        assertThat(systemEntries(store))
                .containsExactly("system.backup backup:" + first, "system.backup backup:" + second);
        try (var notes = Files.list(source.dataDir().resolve("backups-made"))) {
            assertThat(notes).isEmpty();
        }
    }

    private static List<String> systemEntries(Store opened) {
        return opened.database()
                .read(sql -> sql.createQuery("select header from ledger_entry where stream = 'system' order by seq")
                        .mapTo(byte[].class)
                        .map(header -> Json.parse(header))
                        .map(entry -> entry.path("action").asText() + " "
                                + entry.path("object").asText())
                        .list());
    }

    @Test
    void aNoteThatWasToldByAServerThatDiedIsNotToldAgain() throws IOException {
        backup();
        Path note;
        try (var notes = Files.list(source.dataDir().resolve("backups-made"))) {
            note = notes.findFirst().orElseThrow();
        }
        byte[] text = Files.readAllBytes(note);
        store.tellBackups(clock);
        Files.write(note, text);

        store.tellBackups(clock);

        assertThat(systemEntries(store)).hasSize(1);
        assertThat(note).doesNotExist();
    }

    @Test
    void aNoteThatWaitsDoesNotComeIntoTheNextBackup() throws IOException {
        backup();
        backup();
        restore(settings(fresh), plainAgain);

        assertThat(fresh.resolve("backups-made")).doesNotExist();
        assertThat(fresh.resolve(PlainFolders.FILE)).doesNotExist();
    }

    private void restore(StoreSettings target, Path artifacts) {
        new Restore(backups, Optional.empty(), target, line -> {})
                .plainFilesInto(artifacts)
                .run();
    }
}
