package dev.perennial.scorer;

import dev.perennial.kernel.Json;
import dev.perennial.scorer.access.AccessConfig;
import dev.perennial.scorer.access.AccessConfig.TokenConfig;
import dev.perennial.scorer.access.Right;
import dev.perennial.scorer.access.SomeToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A scorer in this JVM whose callers show tokens: {@code m} with versions 1 (champion) and 2 (warm), {@code n} with version 1, of rows of x
 * and c. There is a token for each right on {@code m}, and a stranger's, who may do everything with {@code n}.
 */
public final class GuardedScorer implements AutoCloseable {
    private static final SomeToken STRANGER = new SomeToken("otherotherot", "olga");

    private final ControlServer server = new ControlServer();
    private final Path folder;
    private final String endpoints;
    private ScorerProcess scorer;
    private long revision;

    public GuardedScorer(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        Models models = new Models(folder.resolve("blobs"));
        String one =
                "{\"name\":\"%s\",\"key\":[\"id\"],\"salt\":\"s\",\"live\":true,\"clock\":null,\"fuse\":null,\"variants\":[%s]}";
        String champion = Models.variant("m/1", "champion", 10_000, models.model(0.25, "x", "c"));
        String warm = Models.variant("m/2", "warm", 0, models.model(0.75, "x", "c"));
        String second = Models.variant("n/1", "champion", 10_000, models.model(0.5, "x", "c"));
        endpoints = one.formatted("m", champion + "," + warm) + "," + one.formatted("n", second);
        scorer = scorer();
        serve(true, tokens());
    }

    private ScorerProcess scorer() throws IOException {
        return server.scorer(folder, "--default-endpoint", "m");
    }

    private static List<TokenConfig> tokens() {
        List<TokenConfig> tokens = new ArrayList<>(List.of(strangers()));
        for (Right right : Right.values()) {
            tokens.add(token(right).config(Long.MAX_VALUE, Map.of("m", right)));
        }
        return tokens;
    }

    static TokenConfig strangers() {
        return STRANGER.config(Long.MAX_VALUE, Map.of("n", Right.MANAGE));
    }

    private static SomeToken token(Right right) {
        return new SomeToken("withright" + "abcd".charAt(right.ordinal()) + "aa", "ann");
    }

    /** The next configuration, in effect when it returns. */
    void serve(boolean checked, List<TokenConfig> tokens) throws InterruptedException {
        revision++;
        server.apply(
                revision,
                "{\"revision\":" + revision + ",\"flush\":0,\"endpoints\":[" + endpoints + "],\"access\":"
                        + Json.write(new AccessConfig(checked, tokens)) + "}");
    }

    /** Starts the scorer anew while its server is away. */
    void restartAlone() throws IOException {
        server.stop();
        scorer.close();
        scorer = scorer();
    }

    /** The header of who has a right on {@code m}. */
    public String bearer(Right right) {
        return token(right).bearer();
    }

    /** The header of who may not see {@code m}. */
    public String stranger() {
        return STRANGER.bearer();
    }

    public int port() {
        return scorer.port();
    }

    String url() {
        return scorer.url();
    }

    @Override
    public void close() {
        scorer.close();
        server.close();
    }
}
