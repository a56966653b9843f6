package dev.perennial.server.access;

import dev.perennial.governance.Account;
import dev.perennial.governance.Accounts;
import dev.perennial.governance.Caller;
import dev.perennial.governance.SetUp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The first administrator: from the environment, or by an address that is printed once. */
public final class FirstStart {
    private static final Logger LOG = LoggerFactory.getLogger(FirstStart.class);

    private FirstStart() {}

    /** Does nothing without access control, or when there are accounts. */
    public static void prepare(AccessSettings settings, Accounts accounts, SetUp setUp, int port, Path dataDir) {
        Path file = dataDir.resolve("set-up.url");
        try {
            Files.deleteIfExists(file);
            if (settings.auth() && accounts.none()) {
                first(settings, accounts, setUp, port, file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the set-up address in " + file, e);
        }
    }

    private static void first(AccessSettings settings, Accounts accounts, SetUp setUp, int port, Path file)
            throws IOException {
        if (settings.adminName().isPresent() || settings.adminPassword().isPresent()) {
            accounts.create(
                    Caller.internal("set-up"),
                    new Accounts.NewAccount(
                            settings.adminName().orElse(""),
                            Account.Kind.PERSON,
                            settings.adminPassword().orElse(""),
                            true));
            LOG.info("the administrator '{}' was made", settings.adminName().orElse(""));
        } else {
            String address = settings.externalUrl().map(Object::toString).orElse("http://127.0.0.1:" + port)
                    + "/set-up#" + setUp.secret();
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, address);
            LOG.info(
                    "nobody can sign in yet; make the first administrator within {} minutes at {}",
                    SetUp.LIFE.toMinutes(),
                    address);
        }
    }
}
