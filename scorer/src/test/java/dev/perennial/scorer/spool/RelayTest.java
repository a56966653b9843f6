package dev.perennial.scorer.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.predictionlog.SegmentSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bytes on their way to files, whatever the disk does. */
@Timeout(60)
class RelayTest {
    private static final int CAPACITY = 4_096;

    @TempDir
    Path folder;

    private final HangingDisk disk = new HangingDisk();
    private Relay relay;

    @AfterEach
    void end() {
        disk.hang(false);
        disk.refuse("");
        if (relay != null) {
            relay.end();
        }
    }

    private Path memory() {
        return folder.resolve("memory");
    }

    private Relay relay(int capacity) throws IOException {
        relay = new Relay(SharedMemory.create(memory(), capacity, folder), disk, this::file);
        return relay;
    }

    private Path file(long number) {
        return folder.resolve(number + ".open");
    }

    private static void write(SegmentSink sink, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        sink.write(bytes, bytes.length);
    }

    /** As the next run does with what it finds. */
    private void replay() throws IOException {
        SharedMemory found = SharedMemory.left(memory());
        found.take(found.head(), (number, at, bytes) -> disk.write(file(number), at, bytes));
        found.delete();
    }

    @Test
    void bytesOfSeveralFilesArriveWholeAndInOrderHoweverOftenTheMemoryIsUsedAgain() throws IOException {
        relay(CAPACITY);
        ByteArrayOutputStream[] expected = {new ByteArrayOutputStream(), new ByteArrayOutputStream()};
        SegmentSink[] sinks = {relay.sink(0), relay.sink(1)};
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = new byte[random.nextInt(1_500)];
            random.nextBytes(bytes);
            int which = random.nextInt(2);
            if (i % 3 == 0) {
                sinks[which].settle();
            }
            int length = bytes.length;
            while (!taken(sinks[which], bytes, length)) {
                sinks[which].settle();
            }
            expected[which].write(bytes, 0, length);
        }
        sinks[0].settle();
        assertThat(relay.waiting()).isZero();
        assertThat(Files.readAllBytes(file(0))).isEqualTo(expected[0].toByteArray());
        assertThat(Files.readAllBytes(file(1))).isEqualTo(expected[1].toByteArray());
    }

    private static boolean taken(SegmentSink sink, byte[] bytes, int length) {
        try {
            sink.write(bytes, length);
            return true;
        } catch (IOException e) {
            assertThat(e).hasMessageStartingWith("the disk does not keep up, ");
            return false;
        }
    }

    @Test
    void whileTheDiskHangsBytesAreTakenUntilTheMemoryIsFullAndNoneIsHalfTaken() throws Exception {
        relay(CAPACITY);
        SegmentSink sink = relay.sink(3);
        disk.hang(true);
        write(sink, "first;");
        disk.awaitSomebody();
        StringBuilder expected = new StringBuilder("first;");
        String kilobyte = "x".repeat(1_000);
        for (int i = 0; i < 3; i++) {
            write(sink, kilobyte);
            expected.append(kilobyte);
        }
        assertThatThrownBy(() -> write(sink, kilobyte))
                .isInstanceOf(IOException.class)
                .hasMessage("the disk does not keep up, " + relay.waiting() + " bytes wait in memory");
        write(sink, "small");
        expected.append("small");
        disk.hang(false);
        sink.settle();
        assertThat(file(3)).hasContent(expected.toString());
    }

    @Test
    void whatWaitedWhenTheProcessDiedIsWrittenByTheNextRun() throws Exception {
        relay(CAPACITY);
        disk.hang(true);
        write(relay.sink(1), "of one");
        write(relay.sink(2), "of another");
        SharedMemory found = SharedMemory.left(memory());
        try (Disk real = Disk.ofFiles()) {
            found.take(found.head(), (number, at, bytes) -> real.write(file(number), at, bytes));
        }
        assertThat(file(1)).hasContent("of one");
        assertThat(file(2)).hasContent("of another");
    }

    @Test
    void bytesThatWereWrittenJustBeforeTheKillAreTheSameWhenTheyAreWrittenAgain() throws IOException {
        SharedMemory memory = SharedMemory.create(memory(), CAPACITY, folder);
        byte[] bytes = "the same".getBytes(StandardCharsets.UTF_8);
        memory.put(5, 0, bytes, bytes.length);
        memory.put(5, bytes.length, bytes, 4);
        disk.write(file(5), 0, ByteBuffer.wrap(bytes)); // but it was not noted
        replay();
        assertThat(file(5)).hasContent("the samethe ");
        assertThat(memory()).doesNotExist();
    }

    @Test
    void aDiskThatRefusesIsSaidAtOnceAndTriedAgain() throws Exception {
        relay(CAPACITY);
        SegmentSink sink = relay.sink(1);
        disk.refuse("No space left on device");
        write(sink, "before anybody knew;");
        assertThatThrownBy(sink::settle).hasMessageContaining("No space left on device");
        assertThatThrownBy(() -> write(sink, "now")).hasMessageContaining("No space left on device");
        disk.refuse("");
        awaitTaken(sink, "later");
        sink.settle();
        assertThat(file(1)).hasContent("before anybody knew;later");
    }

    private static void awaitTaken(SegmentSink sink, String text) {
        boolean taken = false;
        while (!taken) {
            try {
                write(sink, text);
                taken = true;
            } catch (IOException e) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void whatIsTooLargeForTheMemoryGoesStraightBehindWhatWaits() throws IOException {
        relay(CAPACITY);
        SegmentSink sink = relay.sink(1);
        String large = "y".repeat(3 * CAPACITY);
        write(sink, "a");
        write(sink, large);
        write(sink, "z");
        sink.settle();
        assertThat(file(1)).hasContent("a" + large + "z");
    }

    @Test
    void forcedMeansWritten() throws IOException {
        relay(CAPACITY);
        SegmentSink sink = relay.sink(1);
        write(sink, "here");
        sink.force();
        assertThat(file(1)).hasContent("here");
    }

    @Test
    void aFileThatWasLetGoIsNotMadeAgain() throws IOException {
        relay(CAPACITY);
        SegmentSink sink = relay.sink(1);
        write(sink, "sealed");
        sink.settle();
        sink.close();
        Files.move(file(1), folder.resolve("1.seg"));
        assertThatThrownBy(sink::force).isInstanceOf(ClosedChannelException.class);
        assertThat(file(1)).doesNotExist();
    }

    @Test
    void anEndInOrderLeavesNoMemoryAndOneWithWaitingBytesLeavesThem() throws Exception {
        relay(CAPACITY);
        write(relay.sink(1), "x");
        assertThat(relay.end()).isTrue();
        assertThat(memory()).doesNotExist();
        assertThat(file(1)).hasContent("x");
        relay(CAPACITY);
        disk.refuse("broken");
        write(relay.sink(2), "kept");
        assertThat(relay.end()).isTrue();
        disk.refuse("");
        replay();
        assertThat(file(2)).hasContent("kept");
    }

    @Test
    void memoryIsReadByItsOwnerAlone() throws IOException {
        relay(CAPACITY);
        assertThat(Files.getPosixFilePermissions(memory()))
                .extracting(Enum::name)
                .containsExactlyInAnyOrder("OWNER_READ", "OWNER_WRITE");
        assertThat(Files.size(memory())).isEqualTo(4_096 + CAPACITY);
    }

    @Test
    void onlyMemoryWhoseProcessAndFolderAreGoneIsOrphaned() throws IOException {
        Path gone = Files.createDirectories(folder.resolve("gone"));
        SharedMemory memory = SharedMemory.create(memory(), CAPACITY, gone);
        Files.delete(gone);
        assertThat(SharedMemory.orphaned(memory())).as("this process lives").isFalse();
        memory.leave();
        assertThat(SharedMemory.orphaned(memory())).isTrue();
        Files.createDirectories(gone);
        assertThat(SharedMemory.orphaned(memory())).as("its folder is there").isFalse();
    }

    @Test
    void whatIsNoLogMemoryIsRefusedAndLeftAlone() throws IOException {
        Files.write(memory(), new byte[10_000]);
        assertThatThrownBy(() -> SharedMemory.left(memory())).hasMessage(memory() + " is no log memory");
        assertThat(SharedMemory.orphaned(memory())).isFalse();
        Files.write(memory(), new byte[7]);
        assertThatThrownBy(() -> SharedMemory.left(memory()))
                .hasMessage(memory() + " has 7 bytes and is no log memory");
        assertThatCode(() -> SharedMemory.orphaned(memory())).doesNotThrowAnyException();
    }
}
