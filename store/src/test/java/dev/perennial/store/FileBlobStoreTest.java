package dev.perennial.store;

import static dev.perennial.store.DatabaseContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBlobStoreTest {
    private static final byte[] BYTES = "some bytes".repeat(20_000).getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private FileBlobStore blobs;

    @BeforeEach
    void open() {
        blobs = new FileBlobStore(folder.resolve("blobs"));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private void damage(Digest digest) throws IOException {
        Path file = folder.resolve("blobs")
                .resolve(digest.hex().substring(0, 2))
                .resolve(digest.hex().substring(2));
        byte[] changed = BYTES.clone();
        changed[7] ^= 1;
        file.toFile().setWritable(true);
        Files.write(file, changed);
    }

    @Test
    void bytesComeBackUnderTheirDigestInEveryWay() throws IOException {
        Digest digest = blobs.put(BYTES);
        assertThat(digest).isEqualTo(Digest.of(BYTES));
        assertThat(blobs.has(digest)).isTrue();
        assertThat(blobs.size(digest)).isEqualTo(BYTES.length);
        assertThat(blobs.bytes(digest)).isEqualTo(BYTES);
        assertThat(Files.readAllBytes(blobs.file(digest))).isEqualTo(BYTES);
        try (InputStream in = blobs.open(digest)) {
            assertThat(in.readAllBytes()).isEqualTo(BYTES);
        }
        assertThat(blobs.putFile(blobs.file(digest))).isEqualTo(digest);
    }

    @Test
    void theSameBytesAreKeptOnceAndReadOnlyInTheFolderOfTheirFirstDigits() throws IOException {
        Digest digest = blobs.put(BYTES);
        blobs.put(BYTES);
        assertThat(files())
                .containsExactly(folder.resolve("blobs/" + digest.hex().substring(0, 2) + "/"
                        + digest.hex().substring(2)));
        assertThat(Files.getPosixFilePermissions(files().getFirst()))
                .allMatch(right -> right.name().endsWith("READ"));
    }

    @Test
    void anAbsentBlobIsNamed() {
        Digest absent = Digest.of("absent");
        assertThat(blobs.has(absent)).isFalse();
        assertFails(ErrorCode.NOT_FOUND, () -> blobs.bytes(absent));
        assertFails(ErrorCode.NOT_FOUND, () -> blobs.size(absent));
        assertFails(ErrorCode.NOT_FOUND, () -> blobs.open(absent));
        assertFails(ErrorCode.NOT_FOUND, () -> blobs.file(absent));
    }

    @Test
    void aDamagedBlobIsNeverReadAndTheNextPutRepairsIt() throws IOException {
        Digest digest = blobs.put(BYTES);
        damage(digest);
        FileBlobStore fresh = new FileBlobStore(folder.resolve("blobs"));
        assertFails(ErrorCode.INTERNAL, () -> fresh.bytes(digest));
        assertFails(ErrorCode.INTERNAL, () -> fresh.file(digest));
        assertFails(ErrorCode.INTERNAL, () -> {
            try (InputStream in = fresh.open(digest)) {
                in.readAllBytes();
            }
        });
        fresh.put(BYTES);
        assertThat(fresh.bytes(digest)).isEqualTo(BYTES);
    }

    @Test
    void aPutThatFailsLeavesNothingBehind() throws IOException {
        InputStream failing = new InputStream() {
            private int left = 100_000;

            @Override
            public int read() {
                if (left-- == 0) {
                    throw new UncheckedIOException(new IOException("connection lost"));
                }
                return 'x';
            }
        };
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> blobs.put(failing))
                .isInstanceOf(UncheckedIOException.class);
        assertThat(files()).isEmpty();
    }
}
