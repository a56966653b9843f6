package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.server.proof.CommandLineRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** The packaged command line as somebody who signs in, manages people, and loses what was signed in with. */
class AccessCommandsIT extends AccessFixture {
    private static final int OK = 0;
    private static final int ERROR = 1;
    private static final int USAGE = 64;
    private static final int DENIED = 77;
    private static final String WRONG = "not the password at all";
    private static final String OTHER = "quite another passphrase";

    @BeforeAll
    static void needsTheCommandLine() {
        if (!Files.isDirectory(Path.of(System.getProperty("perennial.root"), "target", "dist", "cli"))) {
            throw new TestAbortedException("NOT TESTED: there is no packaged command line; build it");
        }
    }

    /** Somebody at a terminal of their own, with a home of their own. */
    private record Person(String name, Path home, Map<String, String> more) {
        static Person of(String name) throws IOException {
            return new Person(name, Files.createDirectories(folder.resolve(fresh("home"))), Map.of());
        }

        Person with(String token) {
            return new Person(name, home, Map.of("PERENNIAL_TOKEN", token));
        }

        CommandLineRun types(String input, String... arguments) {
            Map<String, String> environment = new HashMap<>(Map.of(
                    "HOME", home.toString(), "USER", name, "PERENNIAL_SERVER", server.url(), "XDG_CONFIG_HOME", ""));
            environment.putAll(more);
            return CommandLineRun.fed(input, home, environment, arguments);
        }

        String does(String input, String... arguments) {
            CommandLineRun run = types(input, arguments);
            assertThat(run.exit())
                    .as(String.join(" ", arguments) + ": " + run.err())
                    .isEqualTo(OK);
            return run.out();
        }

        void isOut() {
            CommandLineRun refused = types("", "projects", "list");
            assertThat(refused.exit()).isEqualTo(DENIED);
            assertThat(refused.err()).contains("You are not authenticated");
        }

        Path credentials() {
            return home.resolve(".config/perennial/credentials.json");
        }

        String keptToken() throws IOException {
            return Json.parse(Files.readString(credentials())).get(server.url()).asText();
        }
    }

    private static Person signedIn(String name) throws IOException {
        Person person = Person.of(name);
        person.does(PASSWORD + "\n", "login");
        return person;
    }

    @Test
    void aWrongPasswordSignsNobodyInAndKeepsNothing() throws IOException, InterruptedException {
        Person ann = Person.of(account("viewer"));
        CommandLineRun refused = ann.types(WRONG + "\n", "login");
        assertThat(refused.exit()).isEqualTo(DENIED);
        assertThat(refused.err()).contains("You are not authenticated").doesNotContain(WRONG);
        assertThat(ann.credentials()).doesNotExist();
        ann.isOut();
    }

    @Test
    void aLoginIsKeptForItsOwnerAloneAndEndsWithTheLogout() throws IOException, InterruptedException {
        Person ann = signedIn(account("viewer"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(ann.credentials())))
                .isEqualTo("rw-------");
        assertThat(Files.readString(ann.credentials())).contains("pnl_pat_").doesNotContain(PASSWORD);
        Person copy = ann.with(ann.keptToken());
        ann.does("", "models");
        assertThat(ann.does("", "logout")).contains("signed out of " + server.url() + "; the token revoked");
        ann.isOut();
        copy.isOut();
    }

    @Test
    void aTokenIsMadeUsedAndRevoked() throws IOException, InterruptedException {
        Person ann = Person.of(account("viewer"));
        JsonNode made = Json.parse(ann.does(PASSWORD, "tokens", "create", "nightly", "--days", "2", "-o", "json"));
        assertThat(made.path("name").asText()).isEqualTo("nightly");
        Person job = Person.of("job").with(made.path("token").asText());
        assertThat(Json.parse(job.does("", "projects", "list", "--output", "json"))
                        .at("/items/0/name")
                        .asText())
                .isEqualTo("default");
        assertThat(ann.does(PASSWORD, "tokens", "list")).contains("nightly").doesNotContain("pnl_pat");
        ann.does(PASSWORD, "tokens", "revoke", made.path("id").asText());
        job.isOut();
    }

    @Test
    void anExpiredTokenOpensNothing() throws IOException, InterruptedException, SQLException {
        Person ann = Person.of(account("viewer"));
        JsonNode made = Json.parse(ann.does(PASSWORD, "tokens", "create", "old", "-o", "json"));
        Person job = Person.of("job").with(made.path("token").asText());
        job.does("", "projects", "list");
        expire(made.path("id").asText());
        job.isOut();
    }

    /** The clock of the server cannot be turned, so the end of the token is. */
    private static void expire(String id) throws SQLException {
        Path database = folder.resolve("data").resolve("perennial.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database + "?busy_timeout=30000");
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("update account_token set expires_at = 1 where id = '" + id + "'"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aTokenManagesNoTokens() throws IOException, InterruptedException {
        Person ann = signedIn(account("viewer"));
        CommandLineRun refused = ann.types(ann.keptToken(), "tokens", "create", "more");
        assertThat(refused.exit()).isEqualTo(DENIED);
        assertThat(refused.err()).contains("a token does not manage tokens; sign in with your password");
    }

    @Test
    void peopleAreMadeChangedAndDeleted() throws IOException {
        Person root = signedIn(ROOT);
        String name = fresh("eve");
        assertThat(root.types("short\n", "users", "create", name).err())
                .contains("a password has 12 to 128 characters");
        root.does(PASSWORD + "\n", "users", "create", name, "--role", "viewer");
        JsonNode listed = Json.parse(root.does("", "users", "list", "-o", "json"));
        assertThat(listed.path("items").findValuesAsText("name")).contains(ROOT, name);
        Person eve = signedIn(name);
        root.does("", "users", "update", name, "--disable");
        eve.isOut();
        root.does("", "users", "update", name, "--enable");
        eve.does("", "models");
        assertThat(eve.types("", "users", "delete", name).exit()).isEqualTo(DENIED);
        root.does("", "users", "delete", name);
        eve.isOut();
    }

    @Test
    void aProjectGetsMembersAndLosesThem() throws IOException, InterruptedException {
        Person root = signedIn(ROOT);
        String project = fresh("fraud");
        String name = account("");
        Person ann = signedIn(name);
        root.does("", "projects", "create", project, "--description", "Card fraud");
        assertThat(ann.types("", "projects", "members", project).exit()).isEqualTo(ERROR);
        root.does("", "projects", "grant", project, name, "viewer");
        assertThat(ann.does("", "projects", "members", project)).contains(name, "viewer");
        assertThat(root.does("", "projects", "change", project, name, "contributor", "approver"))
                .isEqualTo(name + " is now contributor, approver in project " + project + "\n");
        JsonNode members = Json.parse(root.does("", "projects", "members", project, "-o", "json"));
        assertThat(members.path("items"))
                .anyMatch(member -> member.toString()
                        .equals("{\"user\":\"" + name + "\",\"roles\":[\"contributor\",\"approver\"]}"));
        assertThat(ann.types("", "projects", "change", project, name, "maintainer")
                        .exit())
                .isEqualTo(DENIED);
        root.does("", "projects", "revoke", project, name);
        assertThat(ann.types("", "projects", "members", project).err())
                .contains("Workspace '" + project + "' not found");
    }

    @Test
    void aPasswordThatIsMissingInTheInputIsNamed() throws IOException, InterruptedException {
        Person ann = signedIn(account("viewer"));
        CommandLineRun none = ann.types("", "login");
        assertThat(none.exit()).isEqualTo(USAGE);
        assertThat(none.err()).contains("the input must have 1 line (Password of " + ann.name() + "), it has 0");
    }

    @Test
    void theOwnPasswordIsChangedFromTwoLines() throws IOException, InterruptedException {
        Person ann = signedIn(account("viewer"));
        CommandLineRun one = ann.types(PASSWORD + "\n", "users", "password");
        assertThat(one.exit()).isEqualTo(USAGE);
        assertThat(one.err()).contains("the input must have 2 lines");
        assertThat(ann.types(WRONG + "\n" + OTHER + "\n", "users", "password").exit())
                .isEqualTo(DENIED);
        assertThat(ann.does(PASSWORD + "\n" + OTHER + "\n", "users", "password"))
                .contains("changed the password of " + ann.name());
        ann.does("", "models");
        assertThat(ann.types(PASSWORD + "\n", "login").exit()).isEqualTo(DENIED);
        ann.does(OTHER + "\n", "login");
    }

    private static CommandLineRun recover(Person who, String name, String data) {
        return who.types(
                OTHER + "\n",
                "users",
                "recover",
                name,
                "--data-dir",
                folder.resolve(data).toString());
    }

    @Test
    void aRecoveryTellsWhatItEnded() throws IOException, InterruptedException {
        Person ann = signedIn(account("viewer"));
        CommandLineRun done = recover(Person.of("keeper"), ann.name(), "data");
        assertThat(done.out())
                .as(done.err())
                .isEqualTo("administrator " + ann.name()
                        + " can sign in with the new password; ended 1 tokens and 0 sessions of the account\n");
        ann.isOut();
        ann.does(OTHER + "\n", "login");
        ann.does("", "users", "list");
    }

    @Test
    void whoCannotReadTheDataDirectoryRecoversNobody() throws IOException {
        CommandLineRun refused = recover(Person.of("mallory"), ROOT, "nowhere");
        assertThat(refused.exit()).isEqualTo(DENIED);
        assertThat(refused.err()).contains("recovery is for who may read the data directory");
    }
}
