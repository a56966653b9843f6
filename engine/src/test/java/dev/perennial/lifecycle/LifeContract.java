package dev.perennial.lifecycle;

import dev.perennial.store.StoreSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What must hold of a lifecycle on every database: each test has a new one. */
public abstract class LifeContract {
    @TempDir
    Path folder;

    protected LifeFixture life;

    protected abstract StoreSettings storage(Path folder);

    @BeforeEach
    void open() {
        life = new LifeFixture(folder, storage(folder));
    }

    @AfterEach
    void close() {
        life.close();
    }
}
