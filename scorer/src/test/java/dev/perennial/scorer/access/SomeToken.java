package dev.perennial.scorer.access;

import dev.perennial.kernel.Digest;
import dev.perennial.scorer.access.AccessConfig.TokenConfig;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A token of the right form.
 *
 * @param id twelve characters
 * @param owner the name of the account
 */
public record SomeToken(String id, String owner) {
    private String secret() {
        return (id + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFG").substring(0, 49);
    }

    public String text() {
        return "pnl_pat_" + id + "_" + secret();
    }

    public String bearer() {
        return "Bearer " + text();
    }

    public TokenConfig config(long until, Map<String, Right> grants) {
        String sha256 = Digest.of(secret().getBytes(StandardCharsets.UTF_8)).hex();
        return new TokenConfig(id, sha256, owner, until, grants);
    }
}
