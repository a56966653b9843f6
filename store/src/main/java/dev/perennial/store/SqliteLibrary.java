package dev.perennial.store;

import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * The native library of the SQLite driver. The driver itself would unpack it anew at each start and compare it byte by byte, which takes
 * longer than opening the database; here it is unpacked once for a data directory and a version of the driver.
 */
final class SqliteLibrary {
    private SqliteLibrary() {}

    /** Tells the driver where its library is; to be called before its first connection. */
    static void prepare(Path folder) {
        // Should the driver unpack by itself after all: /tmp may be mounted without the right to execute.
        System.setProperty("org.sqlite.tmpdir", folder.toString());
        String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + LibraryLoaderUtil.getNativeLibName();
        Path library = folder.resolve(SQLiteJDBCLoader.getVersion() + "-" + LibraryLoaderUtil.getNativeLibName());
        try (InputStream packed = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
            if (packed == null) {
                return; // a platform that the driver does not know: it says so better than we
            }
            if (!Files.exists(library)) {
                Path part = Files.createTempFile(folder, "sqlite-", ".part");
                Files.copy(packed, part, StandardCopyOption.REPLACE_EXISTING);
                Files.move(part, library, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw PerennialException.internal("cannot unpack the library of SQLite into " + folder, e);
        }
        System.setProperty("org.sqlite.lib.path", folder.toString());
        System.setProperty("org.sqlite.lib.name", library.getFileName().toString());
    }
}
