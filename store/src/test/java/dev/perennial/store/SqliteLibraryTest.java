package dev.perennial.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteLibraryTest {
    @TempDir
    Path folder;

    @Test
    void theLibraryIsUnpackedOnceForADataDirectory() throws IOException {
        Path library = openedOnce();
        FileTime unpacked = FileTime.fromMillis(1_000);
        Files.setLastModifiedTime(library, unpacked);
        assertThat(openedOnce()).isEqualTo(library);
        assertThat(Files.getLastModifiedTime(library)).isEqualTo(unpacked);
    }

    @Test
    void aPieceThatAKilledProcessLeftIsNoLibrary() throws IOException {
        Path library = openedOnce();
        Path piece = Files.writeString(library.resolveSibling("sqlite-1.part"), "half");
        assertThat(openedOnce()).isEqualTo(library);
        assertThat(piece).doesNotExist();
    }

    /** The one file that is left when a store was open. */
    private Path openedOnce() throws IOException {
        StoreSettings settings = StoreSettings.local(folder.resolve("data"));
        try (Store store = Store.open(settings, TestClock.fixed(), SeededIds.fixed(), new SecureRandom());
                Stream<Path> files = Files.list(store.directory().nativeLibraries())) {
            List<Path> all = files.toList();
            assertThat(all)
                    .singleElement()
                    .satisfies(file -> assertThat(file.getFileName())
                            .asString()
                            .doesNotStartWith("sqlite-")
                            .contains("sqlitejdbc"));
            assertThat(Files.size(all.getFirst())).isGreaterThan(500_000);
            return all.getFirst();
        }
    }
}
