package dev.perennial.store;

import static dev.perennial.store.DatabaseContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    void theDigestThatIsFoundIsThatOfTheBytesAsTheyAreNow() throws IOException {
        Digest digest = blobs.put(BYTES);
        assertThat(blobs.found(digest)).contains(digest);
        damage(digest);
        assertThat(blobs.found(digest)).isPresent().isNotEqualTo(Optional.of(digest));
        blobs.put(BYTES);
        assertThat(blobs.found(digest)).as("the next put repairs it").contains(digest);
        assertThat(blobs.found(Digest.of("absent"))).isEmpty();
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
        assertThatThrownBy(() -> blobs.put(failing)).isInstanceOf(UncheckedIOException.class);
        assertThat(files()).isEmpty();
    }

    @Test
    void putsOfTheSameBytesAtOnceLeaveOneBlob() throws Exception {
        Digest digest = Digest.of(BYTES);
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Digest>> all = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                all.add(threads.submit(() -> blobs.put(BYTES)));
            }
            for (Future<Digest> one : all) {
                assertThat(one.get()).isEqualTo(digest);
                assertThat(blobs.bytes(digest)).isEqualTo(BYTES);
            }
        }
        assertThat(files()).hasSize(1);
    }

    @Test
    void aBlobMayBeEmpty() throws IOException {
        Digest digest = blobs.put(new byte[0]);
        assertThat(blobs.size(digest)).isZero();
        assertThat(blobs.bytes(digest)).isEmpty();
        try (InputStream in = blobs.open(digest)) {
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void aProcessThatDiesInTheMiddleOfAPutLeavesNoBlob() throws Exception {
        Process process =
                ChildJvm.of(KilledPut.class, folder.resolve("blobs").toString()).start();
        assertThat(process.waitFor()).isEqualTo(KilledPut.KILLED);
        FileBlobStore fresh = new FileBlobStore(folder.resolve("blobs"));
        assertThat(files()).allMatch(file -> file.getParent().endsWith("tmp"));
        Digest digest = fresh.put(KilledPut.BYTES);
        assertThat(fresh.bytes(digest)).isEqualTo(KilledPut.BYTES);
    }

    @Test
    void whatADeadProcessLeftIsRemovedAfterADayAndWhatIsNewStays() throws IOException {
        Path temporary = folder.resolve("blobs/tmp");
        Path old = Files.createFile(temporary.resolve("old"));
        Path recent = Files.createFile(temporary.resolve("recent"));
        Files.setLastModifiedTime(
                old, FileTime.from(Files.getLastModifiedTime(recent).toInstant().minus(Duration.ofHours(25))));
        Files.setLastModifiedTime(
                recent,
                FileTime.from(Files.getLastModifiedTime(recent).toInstant().minus(Duration.ofHours(23))));
        new FileBlobStore(folder.resolve("blobs"));
        assertThat(old).doesNotExist();
        assertThat(recent).exists();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 199_999, 200_001})
    void aBlobOfAnotherLengthIsDamagedToo(int length) throws IOException {
        Digest digest = blobs.put(BYTES);
        Path file = files().getFirst();
        assertThat(file.toFile().setWritable(true)).isTrue();
        Files.write(file, java.util.Arrays.copyOf(BYTES, length));
        FileBlobStore fresh = new FileBlobStore(folder.resolve("blobs"));
        assertThatThrownBy(() -> fresh.bytes(digest))
                .hasMessageContaining("blob " + digest + " is damaged")
                .hasMessageContaining("restore it from a copy");
        assertFails(ErrorCode.INTERNAL, () -> fresh.file(digest));
    }

    @Test
    void aDamagedBlobIsToldAlsoWhenItsStartIsSkipped() throws IOException {
        Digest digest = blobs.put(BYTES);
        damage(digest);
        try (InputStream in = blobs.open(digest)) {
            assertThat(in.skip(BYTES.length - 1L)).isEqualTo(BYTES.length - 1L);
            assertThat(in.read()).isNotEqualTo(-1);
            assertFails(ErrorCode.INTERNAL, in::read);
        }
    }

    @Test
    void aFolderInThePlaceOfABlobIsNoBlob() throws IOException {
        Digest digest = Digest.of(BYTES);
        Files.createDirectories(folder.resolve("blobs")
                .resolve(digest.hex().substring(0, 2))
                .resolve(digest.hex().substring(2)));
        assertThat(blobs.has(digest)).isFalse();
        assertFails(ErrorCode.NOT_FOUND, () -> blobs.file(digest));
    }

    @Test
    void aFileThatIsNotThereCannotBePut() {
        assertThatThrownBy(() -> blobs.putFile(folder.resolve("absent"))).hasMessageContaining("absent");
    }
}
