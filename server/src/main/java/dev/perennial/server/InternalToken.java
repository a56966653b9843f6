package dev.perennial.server;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The secret that scorers and workers of this installation present; a file of the data directory that only its owner can read. */
record InternalToken(Path file, String value) {
    private static final int BYTES = 32;
    private static final String BEARER = "Bearer ";

    static InternalToken in(Path dataDir) {
        Path file = dataDir.resolve("internal.token");
        try {
            if (!Files.exists(file)) {
                byte[] secret = new byte[BYTES];
                new SecureRandom().nextBytes(secret);
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(file, HexFormat.of().formatHex(secret));
            }
            return new InternalToken(file, Files.readString(file).strip());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the internal token in " + file, e);
        }
    }

    void check(@Nullable String authorization) {
        if (!matches(authorization)) {
            throw new PerennialException(
                    ErrorCode.PERMISSION_DENIED, "this route is for the installation's own scorers and workers");
        }
    }

    boolean matches(@Nullable String authorization) {
        String given = authorization != null && authorization.startsWith(BEARER)
                ? authorization.substring(BEARER.length())
                : "";
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
    }
}
