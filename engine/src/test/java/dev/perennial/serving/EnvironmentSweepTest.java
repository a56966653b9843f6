package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ModelId;
import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import dev.perennial.tracking.Leftovers.Swept;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which environments of Python models a collection takes, and which it never touches. */
class EnvironmentSweepTest extends EndpointFixture {
    private static final ModelId SERVED = ModelId.parse("served");

    @Override
    StoreSettings storage(Path place) {
        return FreshSqlite.under(place.resolve("data"));
    }

    private Path environments() {
        return folder.resolve("environments");
    }

    private EnvironmentSweep sweep() {
        return new EnvironmentSweep(store.database(), environments());
    }

    private Instant youngest() {
        return clock.instant().minus(Duration.ofHours(24));
    }

    private Swept delete() {
        return sweep().delete(youngest(), () -> true);
    }

    /** An environment that was asked for so long ago; gives its digest. */
    private String environment(String name, Duration ago) throws IOException {
        String digest = Digest.of(name).hex();
        Path bin = Files.createDirectories(environments().resolve(digest).resolve("bin"));
        Files.writeString(bin.resolve("python"), "0123456789");
        Path complete = Files.writeString(environments().resolve(digest).resolve("complete.json"), "{}");
        Files.setLastModifiedTime(complete, FileTime.from(clock.instant().minus(ago)));
        return digest;
    }

    private String old(String name) throws IOException {
        return environment(name, Duration.ofDays(3));
    }

    private boolean there(String digest) {
        return Files.exists(environments().resolve(digest).resolve("complete.json"));
    }

    @Test
    void whatNothingNeedsGoesAndIsNamedWithItsSize() throws IOException {
        String one = old("one");
        String two = old("two");
        Swept told = sweep().look(youngest());
        assertThat(told.names()).containsExactlyInAnyOrder(one, two).isSorted();
        assertThat(told.bytes()).isEqualTo(24);
        assertThat(there(one)).as("a look takes nothing").isTrue();
        assertThat(delete()).isEqualTo(told);
        assertThat(environments().resolve(one)).doesNotExist();
        assertThat(environments().resolve(two)).doesNotExist();
        assertThat(delete().names()).isEmpty();
    }

    @Test
    void whatAVariantOfAnyRoleRunsInStays() throws IOException {
        declared(SERVED);
        String champion = old("champion");
        String warm = old("warm");
        String gone = old("gone");
        store.database()
                .writing(tx -> endpoints.variants(
                        tx,
                        SERVED,
                        List.of(
                                variant(1, Variant.Role.champion, Variant.ALL, champion),
                                variant(2, Variant.Role.warm, 0, warm))));
        assertThat(delete().names()).containsExactly(gone);
        assertThat(there(champion)).isTrue();
        assertThat(there(warm)).isTrue();
    }

    private static Variant variant(int number, Variant.Role role, int weight, String environment) {
        return new Variant(
                VersionRef.parse("served/" + number),
                role,
                weight,
                Digest.of("manifest"),
                Digest.of("file"),
                environment,
                Variant.Load.eager,
                null);
    }

    @Test
    void whatAScoringJobNamesStays() throws IOException {
        String needed = old("needed");
        store.database()
                .writing(tx -> tx.sql()
                        .execute(
                                "insert into scoring_job (id, target, subject, version, manifest, model_file, author, name,"
                                        + " format, result_format, force, attempt, created_at, environment) values ('j', 'ENDPOINT',"
                                        + " 'churn', 'iris/1', 'm', 'f', 'ann', 'a.csv', 'CSV', 'CSV', 0, 1, 1, '"
                                        + needed + "')"));
        assertThat(delete().names()).isEmpty();
        assertThat(there(needed)).isTrue();
    }

    @Test
    void whatWasAskedForWithinTheGraceStays() throws IOException {
        String young = environment("young", Duration.ofHours(23));
        String due = environment("due", Duration.ofHours(25));
        assertThat(delete().names()).containsExactly(due);
        assertThat(there(young)).isTrue();
    }

    @Test
    void whatAProcessRunsInStaysAlthoughNothingNamesIt() throws Exception {
        String used = old("used");
        Path interpreter = environments().resolve(used).resolve("bin").resolve("python");
        Process process = new ProcessBuilder("sh", "-c", "read line", interpreter.toString()).start();
        try {
            assertThat(delete().names()).isEmpty();
            assertThat(there(used)).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(delete().names()).containsExactly(used);
    }

    @Test
    void whatSomebodyMakesOrAsksForAtThisMomentStays() throws IOException {
        String locked = old("locked");
        try (FileChannel channel = FileChannel.open(
                        environments().resolve(locked + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            assertThat(lock.isValid()).isTrue();
            assertThat(delete().names()).isEmpty();
        }
        assertThat(delete().names()).containsExactly(locked);
    }

    @Test
    void anEnvironmentThatWasNeverFinishedGoesWhenItIsOld() throws IOException {
        String half = old("half");
        Files.delete(environments().resolve(half).resolve("complete.json"));
        assertThat(delete().names()).as("its folder was changed now").isEmpty();
        Files.setLastModifiedTime(
                environments().resolve(half), FileTime.from(clock.instant().minus(Duration.ofDays(2))));
        assertThat(delete().names()).containsExactly(half);
    }

    @Test
    void linksAreRemovedAndNotFollowed() throws IOException {
        Path outside = Files.writeString(folder.resolve("precious"), "mine");
        String digest = old("linked");
        Files.createSymbolicLink(environments().resolve(digest).resolve("lib64"), folder);
        Files.createSymbolicLink(environments().resolve(digest).resolve("file"), outside);
        assertThat(delete().bytes()).isEqualTo(12);
        assertThat(outside).hasContent("mine");
    }

    @Test
    void otherThingsInTheFolderStay() throws IOException {
        old("one");
        Path note = Files.writeString(environments().resolve("readme"), "hands off");
        Path other = Files.createDirectory(environments().resolve("not-a-digest"));
        Path link = Files.createSymbolicLink(
                environments().resolve(Digest.of("link").hex()), folder);
        assertThat(delete().names()).hasSize(1);
        assertThat(note).exists();
        assertThat(other).exists();
        assertThat(link).exists();
    }

    @Test
    void aCollectionThatIsToldToStopTakesNoMore() throws IOException {
        old("one");
        old("two");
        assertThat(sweep().delete(youngest(), () -> false).names()).isEmpty();
        assertThat(sweep().look(youngest()).names()).hasSize(2);
    }

    @Test
    void aMachineWithoutEnvironmentsHasNothingToTake() {
        assertThat(delete()).isEqualTo(new Swept(List.of(), 0));
        assertThat(environments()).doesNotExist();
    }
}
