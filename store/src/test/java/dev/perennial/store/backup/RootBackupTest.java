package dev.perennial.store.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.store.PlainFolders;
import dev.perennial.store.StoreSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Artifacts that clients write themselves below a default artifact root. */
class RootBackupTest extends BackupFixture {
    private final List<String> told = new ArrayList<>();
    private Path root;
    private Path rootAgain;

    @Override
    StoreSettings settings(Path dataDir) {
        return StoreSettings.local(dataDir);
    }

    @BeforeEach
    void tell() {
        root = folder.resolve("root");
        rootAgain = folder.resolve("restored-root");
        server(root.toString(), Optional.of(root));
    }

    /** What a server with such an option tells. */
    private void server(String option, Optional<Path> rootFolder) {
        new PlainFolders(Optional.empty(), Optional.of(option), rootFolder).tell(source.dataDir());
    }

    private static Path put(Path place, String path, String text) throws IOException {
        Path file = place.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private Restore restored() {
        return new Restore(backups, Optional.empty(), settings(fresh), told::add);
    }

    private Backup telling() {
        return new Backup(source, backups, clock, told::add);
    }

    @Test
    void everyFileComesBackUnderItsPath() throws IOException {
        put(root, "1/run/artifacts/model/MLmodel", "flavors");
        put(root, "1/run/artifacts/empty", "");

        BackupSet set = backup().set();
        restored().rootInto(rootAgain).run();

        assertThat(set.root()).isEqualTo(new BackupSet.PlainFiles(root.toString(), true, 2, 7));
        assertThat(set.artifacts()).isNull();
        assertThat(rootAgain.resolve("1/run/artifacts/model/MLmodel")).hasContent("flavors");
        assertThat(rootAgain.resolve("1/run/artifacts/empty")).isEmptyFile();
    }

    @Test
    void filesGoBackWhereTheRunsNameThemWithoutAWordAboutThat() throws IOException {
        Path file = put(root, "1/run/artifacts/a.txt", "1234");
        backup();
        BackupFolder.remove(root);

        restored().rootInto(root).run();

        assertThat(file).hasContent("1234");
        assertThat(told).noneMatch(line -> line.contains("name their files below"));
    }

    @Test
    void aFolderOfAnotherNameIsSaidToNeedALink() throws IOException {
        put(root, "a", "1234");
        backup();

        restored().rootInto(rootAgain).run();

        assertThat(told)
                .contains("runs name their files below " + root + ": let that name lead to " + rootAgain
                        + ", by a link or a mount, before clients ask for them");
    }

    @Test
    void aProgramThatKnowsNoRootRefusesTheSet() throws IOException {
        put(root, "a", "1234");

        assertThat(backup().set().format()).isEqualTo(3);
    }

    @Test
    void aSetWithoutARootIsWrittenAsBefore() throws IOException {
        PlainFolders.none().tell(source.dataDir());

        Backup.Done done = backup();

        assertThat(done.set().format()).isEqualTo(1);
        assertThat(Json.parse(Files.readString(done.folder().resolve("manifest.json")))
                        .has("root"))
                .isFalse();
    }

    @Test
    void aSetOfALaterFormatIsRefusedWithBothFormats() throws IOException {
        Path manifest = backup().folder().resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"format\":3", "\"format\":4"));

        assertThatThrownBy(() -> restored().rootInto(rootAgain).run())
                .hasMessageContaining("has format 4, this program reads formats 1 to 3");
    }

    @Test
    void whoeverLeavesThemOutFindsThatInTheManifestAndNeedsNoFolder() throws IOException {
        put(root, "a", "1234");

        BackupSet set = telling().withoutPlainFiles().run().set();
        restored().run();

        assertThat(set.root()).isEqualTo(new BackupSet.PlainFiles(root.toString(), false, 0, 0));
        assertThat(rootAgain).doesNotExist();
    }

    @Test
    void aRestoreWithoutAFolderForThemIsRefusedBeforeAnythingIsWritten() throws IOException {
        put(root, "a", "1234");
        String set = backup().set().name();

        assertThatThrownBy(() -> restored().run())
                .hasMessage("the backup " + set
                        + " holds 1 artifacts that were files of the default artifact root in " + root
                        + "; name a new or empty folder for them with --default-artifact-root");
        assertThat(fresh).doesNotExist();
    }

    @Test
    void aFolderThatIsNotNeededIsRefused() {
        PlainFolders.none().tell(source.dataDir());
        String set = backup().set().name();

        assertThatThrownBy(() -> restored().rootInto(rootAgain).run())
                .hasMessage("the backup " + set
                        + " holds no files of the default artifact root of artifacts; leave --default-artifact-root"
                        + " out");
    }

    @Test
    void aRootThatIsStillFullIsNotWrittenInto() throws IOException {
        Path file = put(root, "a", "1234");
        backup();
        Files.writeString(file, "newer");

        assertThatThrownBy(() -> restored().rootInto(root).run())
                .hasMessage(root + " is not empty; name a new folder for artifacts, so that nothing is overwritten");
        assertThat(file).hasContent("newer");
        assertThat(fresh).doesNotExist();
    }

    @Test
    void aDamagedCopyIsNamedWithItsPathAndNothingIsRestored() throws IOException {
        Path file = put(root, "1/run/model.bin", "1234");
        Path set = backup().folder();
        Path copy = blobOf(backups, Digest.ofFile(file));
        Files.writeString(copy, "1235");

        assertThatThrownBy(() -> restored().rootInto(rootAgain).run())
                .hasMessageContaining("the backup " + set + " is damaged: " + copy
                        + ": artifact 1/run/model.bin is missing or has other bytes");
        assertThat(fresh).doesNotExist();
        assertThat(rootAgain).doesNotExist();
    }

    @Test
    void aChangedListIsNoticed() throws IOException {
        put(root, "a", "1234");
        Path list = backup().folder().resolve("root-artifacts.jsonl");
        Files.writeString(list, Files.readString(list).replace("\"a\"", "\"b\""));

        assertThatThrownBy(() -> restored().rootInto(rootAgain).run()).hasMessageContaining(list + ": its digest is ");
        assertThat(rootAgain).doesNotExist();
    }

    @Test
    void destinationAndRootComeBackIntoFoldersOfTheirOwn() throws IOException {
        Path plain = folder.resolve("mlartifacts");
        new PlainFolders(Optional.of(plain), Optional.of(root.toString()), Optional.of(root)).tell(source.dataDir());
        put(plain, "same/path", "of the server");
        put(root, "same/path", "of a client");
        backup();

        Path plainAgain = folder.resolve("restored-artifacts");
        restored().plainFilesInto(plainAgain).rootInto(rootAgain).run();

        assertThat(plainAgain.resolve("same/path")).hasContent("of the server");
        assertThat(rootAgain.resolve("same/path")).hasContent("of a client");
    }

    @Test
    void oneFolderInsideTheOtherIsRefusedBecauseEachIsEmptiedFirst() throws IOException {
        Path plain = folder.resolve("mlartifacts");
        new PlainFolders(Optional.of(plain), Optional.of(root.toString()), Optional.of(root)).tell(source.dataDir());
        backup();

        assertThatThrownBy(() -> restored()
                        .plainFilesInto(rootAgain.resolve("inside"))
                        .rootInto(rootAgain)
                        .run())
                .hasMessage("artifacts cannot go into " + rootAgain + ", because others go into "
                        + rootAgain.resolve("inside") + "; name a folder beside it");
        assertThat(fresh).doesNotExist();
    }

    @Test
    void aRootElsewhereIsSaidLoudlyToBeMissing() {
        server("s3://bucket/runs", Optional.empty());

        BackupSet set = telling().run().set();

        assertThat(set.root()).isNull();
        assertThat(told)
                .contains("NOT IN THE BACKUP: artifacts in the default artifact root s3://bucket/runs, which the server"
                        + " cannot read; versions that are registered from there are. Copy it by the means of that"
                        + " place");
    }

    @Test
    void aRootThatIsNotThereIsSaid() {
        BackupSet set = telling().run().set();

        assertThat(set.root()).isEqualTo(new BackupSet.PlainFiles(root.toString(), true, 0, 0));
        assertThat(told).contains("there is no folder " + root + ", so no artifacts of it are in the backup");
    }

    @Test
    void aRootInTheDataDirectoryIsCopiedWithItAndOnce() throws IOException {
        Path inside = source.dataDir().resolve("runs");
        server(inside.toString(), Optional.of(inside));
        put(inside, "1/a.txt", "1234");

        BackupSet set = backup().set();
        restored().run();

        assertThat(set.root()).isNull();
        assertThat(fresh.resolve("runs/1/a.txt")).hasContent("1234");
    }

    @Test
    void aBackupInsideTheRootIsRefused() {
        assertThatThrownBy(() -> new Backup(source, root.resolve("backups"), clock, line -> {}).run())
                .hasMessage("the backup " + root.resolve("backups") + " would lie among the artifacts in " + root
                        + "; name a folder elsewhere");
    }

    @Test
    void aRelativeRootIsWhatTheServerMeantByIt() {
        server("runs", Optional.of(Path.of("runs")));

        assertThat(PlainFolders.of(source.dataDir()).rootFolder())
                .contains(Path.of("runs").toAbsolutePath());
    }
}
