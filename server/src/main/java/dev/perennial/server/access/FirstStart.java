package dev.perennial.server.access;

import dev.perennial.governance.Account;
import dev.perennial.governance.Accounts;
import dev.perennial.governance.Caller;
import dev.perennial.governance.SetUp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The first administrator: from the environment, or by an address that is printed once. */
public final class FirstStart {
    private static final Logger LOG = LoggerFactory.getLogger(FirstStart.class);

    private FirstStart() {}

    /** Does nothing without access control, or when there are accounts. */
    public static void prepare(AccessSettings settings, Accounts accounts, SetUp setUp, int port) {
        if (!settings.auth() || !accounts.none()) {
            return;
        }
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
            LOG.info(
                    "nobody can sign in yet; make the first administrator within {} minutes at {}/set-up#{}",
                    SetUp.LIFE.toMinutes(),
                    settings.externalUrl().map(Object::toString).orElse("http://127.0.0.1:" + port),
                    setUp.secret());
        }
    }
}
