package dev.perennial.server.access;

import dev.perennial.kernel.Json;
import dev.perennial.server.mlflow.RunningServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;

/** A packaged server that listens beyond loopback, too, and short ways to ask it over sockets. */
abstract class OutsideFixture {
    static final String OUTSIDE = "127.0.0.2";
    static final String ROOT = "Authorization: " + AccessFixture.basic(AccessFixture.ROOT, AccessFixture.PASSWORD);

    @TempDir
    static Path folder;

    static RunningServer server;

    /**
     * Starts it; returns its port on {@link #OUTSIDE}.
     *
     * @param settings what else it is started with
     */
    static int startOutside(String... settings) throws IOException, InterruptedException {
        AccessFixture.requireProgram();
        int port = RawHttp.freePort(OUTSIDE);
        List<String> all = new ArrayList<>(
                List.of("perennial.auth=true", "perennial.host=" + OUTSIDE, "perennial.public-port=" + port));
        all.addAll(List.of(settings));
        server = RunningServer.start(folder, all);
        return port;
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    static RawHttp onLoopback() {
        return new RawHttp("127.0.0.1", "127.0.0.1", server.port(), Optional.empty());
    }

    /** Signs the administrator in as a page of the same origin does. */
    static RawHttp.Answer signIn(RawHttp where, String... headers) throws IOException {
        return where.send(
                "POST",
                "/api/access/session",
                Json.object()
                        .put("user", AccessFixture.ROOT)
                        .put("password", AccessFixture.PASSWORD)
                        .toString(),
                with("Sec-Fetch-Site: same-origin", headers));
    }

    /** What a signed-in browser gets when a page of that origin wants to make a project. */
    static RawHttp.Answer projectFrom(RawHttp where, String origin, String... headers) throws IOException {
        String session = signIn(where, headers).header("Set-Cookie").split(";")[0];
        return where.send(
                "POST",
                "/api/access/projects",
                Json.object().put("name", AccessFixture.fresh("project")).toString(),
                with("Cookie: " + session, with("Origin: " + origin, headers)));
    }

    private static String[] with(String header, String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add(header);
        return all.toArray(String[]::new);
    }
}
