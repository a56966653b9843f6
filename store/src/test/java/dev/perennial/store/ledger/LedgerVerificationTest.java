package dev.perennial.store.ledger;

import static dev.perennial.store.ledger.LedgerFixture.append;
import static dev.perennial.store.ledger.LedgerFixture.change;
import static dev.perennial.store.ledger.LedgerFixture.closedLedger;
import static dev.perennial.store.ledger.LedgerFixture.copy;
import static dev.perennial.store.ledger.LedgerFixture.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PageRequest;
import dev.perennial.ledgerverifier.LedgerVerifier;
import dev.perennial.ledgerverifier.Report;
import dev.perennial.ledgerverifier.Report.Status;
import dev.perennial.store.Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerVerificationTest {
    private static final int DIRECTORY_OFFSET_FROM_END = 6;
    private static final String SECOND = " where stream = 'model:m' and seq = 2";

    @TempDir
    Path folder;

    private Path data;

    @BeforeEach
    void fill() {
        data = closedLedger(folder.resolve("data"));
    }

    private static Report verify(Path target) {
        return LedgerVerifier.verify(target, Optional.empty());
    }

    private Report changed(String... statements) {
        Path copy = copy(data, folder.resolve("copy"));
        change(copy, statements);
        return verify(copy);
    }

    private static void assertBroken(Report report, String stream, long seq) {
        assertThat(report.status()).as(report.text()).isEqualTo(Status.BROKEN);
        assertThat(report.first()).hasValueSatisfying(finding -> {
            assertThat(finding.stream()).as(report.text()).isEqualTo(stream);
            assertThat(finding.seq()).as(report.text()).isEqualTo(seq);
        });
    }

    @Test
    void aLedgerIsGoodClosedCopiedLiveExportedAndArchived() throws IOException {
        List<Path> targets =
                new ArrayList<>(List.of(data, data.resolve("perennial.db"), copy(data, folder.resolve("copy"))));
        try (Store store = open(folder.resolve("live"))) {
            append(store, "model:m", 4);
            store.ledger().seal();
            append(store, "model:m", 1);
            Report live = verify(store.directory().root());
            assertThat(live.status()).as(live.text()).isEqualTo(Status.GOOD);
            assertThat(live.entries()).isEqualTo(5);
            assertThat(live.sealed()).isEqualTo(4);
            assertThat(live.text()).contains("1 newer and not sealed yet");
            targets.add(copy(store.directory().root(), folder.resolve("live-copy")));
            store.ledger().exportTo(folder.resolve("export"));
            targets.add(folder.resolve("export"));
            targets.add(archive(store, "export.zip"));
        }
        for (Path target : targets) {
            Report report = verify(target);
            assertThat(report.status()).as(target + " " + report.text()).isEqualTo(Status.GOOD);
            assertThat(report.status().exitStatus()).isZero();
        }
        Report report = verify(data);
        assertThat(List.of(report.entries(), report.sealed(), (long) report.streams(), (long) report.checkpoints()))
                .containsExactly(8L, 8L, 2L, 2L);
        assertThat(report.completeUntil()).hasValue("2026-01-02T03:04:00.000Z");
        assertThat(Json.parse(report.json()).path("status").asText()).isEqualTo("GOOD");
    }

    private Path archive(Store store, String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        store.ledger().export(bytes);
        return Files.write(folder.resolve(name), bytes.toByteArray());
    }

    @Test
    void anExportIsTheSameBytesEachTimeAndAnOrdinaryZipArchive() throws IOException {
        try (Store store = open(data)) {
            byte[] first = Files.readAllBytes(archive(store, "a.zip"));
            assertThat(Files.readAllBytes(archive(store, "b.zip"))).isEqualTo(first);
        }
        try (var zip = new ZipFile(folder.resolve("a.zip").toFile())) {
            assertThat(zip.stream().map(ZipEntry::getName))
                    .containsExactly(
                            "README.txt",
                            "checkpoints.txt",
                            "entries-00001.jsonl",
                            "keys.json",
                            "manifest.dsse.json",
                            "manifest.json",
                            "payloads-00001.jsonl");
            assertThat(new String(zip.getInputStream(zip.getEntry("entries-00001.jsonl"))
                                    .readAllBytes())
                            .lines())
                    .hasSize(8);
        }
    }

    @Test
    void aGivenKeyMustBeTheLedgersOwn() throws IOException {
        Path other = closedLedger(folder.resolve("other"));
        assertThat(LedgerVerifier.verify(data, Optional.of(data.resolve("ledger.pub")))
                        .status())
                .isEqualTo(Status.GOOD);
        Report foreign = LedgerVerifier.verify(data, Optional.of(other.resolve("ledger.pub")));
        assertThat(foreign.status()).isEqualTo(Status.BROKEN);
        assertThat(foreign.text()).contains("names the key");
    }

    @Test
    void aChangedHeaderOrPayloadNamesItsEntry() {
        assertBroken(
                changed(
                        "update ledger_entry set header = cast(replace(cast(header as text), 'user:ann', 'user:bob') as blob)"
                                + SECOND),
                "model:m",
                2);
        assertBroken(changed("update ledger_entry set header = cast('{' as blob)" + SECOND), "model:m", 2);
        assertBroken(
                changed(
                        "update ledger_payload set payload = cast(replace(cast(payload as text), 'change 1', 'change 9') as blob) where entry_hash ="
                                + " (select entry_hash from ledger_entry" + SECOND + ")"),
                "model:m",
                2);
        assertBroken(
                changed(
                        "update ledger_payload set salt = zeroblob(32) where entry_hash = (select entry_hash from ledger_entry"
                                + SECOND + ")"),
                "model:m",
                2);
    }

    @Test
    void everyChangedColumnNamesItsEntry() {
        String other = "'" + "b".repeat(64) + "'";
        for (String column : List.of("entry_hash", "prev_hash", "commit_hash")) {
            assertBroken(changed("update ledger_entry set " + column + " = " + other + SECOND), "model:m", 2);
        }
        assertBroken(changed("update ledger_entry set leaf_index = 99" + SECOND), "model:m", 2);
        assertBroken(changed("update ledger_entry set seq = 9" + SECOND), "model:m", 9);
    }

    @Test
    void aDeletedDuplicatedOrSwappedRowNamesTheEntryThatIsMissing() {
        assertBroken(changed("delete from ledger_entry" + SECOND), "model:m", 2);
        assertBroken(changed("delete from ledger_entry where stream = 'model:m' and seq = 1"), "model:m", 1);
        assertBroken(
                changed(
                        "drop index ledger_entry_hash",
                        "drop index ledger_entry_leaf",
                        "insert into ledger_entry select stream, 99, header, entry_hash, prev_hash, commit_hash, leaf_index"
                                + " from ledger_entry" + SECOND),
                "model:m",
                99);
        assertBroken(
                changed(
                        "update ledger_entry set leaf_index = 50" + SECOND,
                        "update ledger_entry set leaf_index = 1 where stream = 'model:m' and seq = 3",
                        "update ledger_entry set leaf_index = 2" + SECOND),
                "model:m",
                2);
    }

    @Test
    void aCutOffTailIsFoundByTheStreamsHeadAndAfterACleanCutByAKeptCheckpoint() throws IOException {
        Path kept = folder.resolve("kept.txt");
        try (Store store = open(data)) {
            Files.writeString(kept, store.ledger().seal().orElseThrow().note());
        }
        String cut = "delete from ledger_entry where leaf_index >= 3";
        assertThat(changed(cut).status()).isEqualTo(Status.BROKEN);
        String[] clean = {
            cut,
            "delete from ledger_payload where entry_hash not in (select entry_hash from ledger_entry)",
            "delete from ledger_checkpoint where size > 3",
            "delete from ledger_stream where stream = 'system'",
            "update ledger_stream set seq = 3, head = (select entry_hash from ledger_entry where stream = 'model:m' and seq = 3)"
        };
        assertThat(changed(clean).status())
                .as("nobody can tell from the ledger alone")
                .isEqualTo(Status.GOOD);
        Report report = LedgerVerifier.verify(folder.resolve("copy"), Optional.empty(), List.of(kept));
        assertThat(report.status()).isEqualTo(Status.BROKEN);
        assertThat(report.text()).contains("cut off").contains("8 entries");
        assertThat(LedgerVerifier.verify(data, Optional.empty(), List.of(kept)).status())
                .isEqualTo(Status.GOOD);
    }

    @Test
    void aMissingPayloadIsIncompleteUnlessAnEntryTellsItsErasure() {
        String erase =
                "update ledger_payload set salt = null, payload = null where entry_hash = (select entry_hash from ledger_entry"
                        + SECOND + ")";
        Report missing = changed(erase);
        assertThat(missing.status()).as(missing.text()).isEqualTo(Status.INCOMPLETE);
        assertThat(missing.status().exitStatus()).isEqualTo(2);
        assertThat(missing.text()).contains("entry 2 of model:m");
        try (Store store = open(data)) {
            String hash = store.ledger()
                    .entries("model:m", PageRequest.of(null, null))
                    .items()
                    .get(1)
                    .hash()
                    .hex();
            store.database().writing(tx -> {
                tx.sql().execute(erase);
                tx.ledger(new LedgerEvent(
                        "system",
                        "user:ann",
                        "audit.erase",
                        "entry:" + hash,
                        0,
                        Json.object().put("entry", hash)));
            });
        }
        Report erased = verify(data);
        assertThat(erased.status()).as(erased.text()).isEqualTo(Status.GOOD);
        assertThat(erased.erased()).isEqualTo(1);
    }

    @Test
    void changedCheckpointsAreFound() {
        assertThat(changed("delete from ledger_checkpoint where size = 8").status())
                .isEqualTo(Status.BROKEN);
        assertThat(changed("update ledger_checkpoint set root = '" + "c".repeat(64) + "' where size = 3")
                        .status())
                .isEqualTo(Status.BROKEN);
        assertThat(changed(
                                "update ledger_checkpoint set note = replace(note, char(10) || '3' || char(10), char(10) || '2' || char(10))")
                        .status())
                .isEqualTo(Status.BROKEN);
    }

    @Test
    void everyFlippedBitOfAnExportIsFound() throws IOException {
        Path small = folder.resolve("small");
        try (Store store = open(small)) {
            append(store, "model:m", 2);
            store.ledger().exportTo(folder.resolve("export"));
        }
        Path export = folder.resolve("export");
        assertThat(verify(export).status()).isEqualTo(Status.GOOD);
        List<Path> files;
        try (Stream<Path> found = Files.list(export)) {
            files = found.sorted().toList();
        }
        for (Path file : files) {
            // The prose is long and only its digest matters: one bit of each of its bytes.
            int step = file.endsWith("README.txt") ? Byte.SIZE + 1 : 1;
            assertThat(undetected(export, file, bit -> bit + step))
                    .as("undetected flips in " + file)
                    .isEmpty();
        }
        assertThat(verify(export).status()).isEqualTo(Status.GOOD);
    }

    /** Flips one bit of a file after the other, and tells which flips the verifier of the whole does not mind. */
    private static List<Integer> undetected(Path whole, Path file, IntUnaryOperator next) throws IOException {
        List<Integer> undetected = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer cell = ByteBuffer.allocate(1);
            long bits = channel.size() * Byte.SIZE;
            for (int bit = 0; bit < bits; bit = next.applyAsInt(bit)) {
                channel.read(cell.clear(), bit / Byte.SIZE);
                byte original = cell.get(0);
                channel.write(
                        ByteBuffer.wrap(new byte[] {(byte) (original ^ (1 << (bit % Byte.SIZE)))}), bit / Byte.SIZE);
                if (verify(whole).status() == Status.GOOD) {
                    undetected.add(bit);
                }
                channel.write(ByteBuffer.wrap(new byte[] {original}), bit / Byte.SIZE);
            }
        }
        return undetected;
    }

    @Test
    void everyFlippedBitAndEveryCutOfAnArchiveIsFound() throws IOException {
        Path file;
        try (Store store = open(folder.resolve("small"))) {
            append(store, "model:m", 2);
            file = archive(store, "small.zip");
        }
        byte[] original = Files.readAllBytes(file);
        int directory = ByteBuffer.wrap(original)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt(original.length - DIRECTORY_OFFSET_FROM_END);
        // Every bit of the archive's own fields at the end, every seventh of the files.
        assertThat(undetected(file, file, bit -> bit + (bit / Byte.SIZE < directory ? 7 : 1)))
                .isEmpty();
        for (int length = 0; length < original.length; length += 7) {
            Files.write(file, Arrays.copyOf(original, length), StandardOpenOption.TRUNCATE_EXISTING);
            assertThat(verify(file).status()).isEqualTo(Status.BROKEN);
        }
    }

    @Test
    void aChangedLineOfAnExportNamesItsEntry() throws IOException {
        Path export = folder.resolve("export");
        try (Store store = open(data)) {
            store.ledger().exportTo(export);
        }
        for (String name : List.of("entries-00001.jsonl", "payloads-00001.jsonl")) {
            List<String> lines = new ArrayList<>(Files.readAllLines(export.resolve(name)));
            String original = String.join("\n", lines) + "\n";
            lines.set(1, lines.get(1).replace("user:ann", "user:bob").replace("change 1", "change 9"));
            Files.writeString(export.resolve(name), String.join("\n", lines) + "\n");
            assertBroken(verify(export), "model:m", 2);
            Files.writeString(export.resolve(name), original);
        }
        assertThat(verify(export).status()).isEqualTo(Status.GOOD);
    }

    @Test
    void writerAndVerifierKnowTheSameActions() {
        try (Store store = open(data)) {
            store.database()
                    .writing(tx -> ActionCatalogue.actions()
                            .forEach(action -> tx.ledger(LedgerFixture.event("system", action, "one of each"))));
        }
        assertThat(verify(data).status()).isEqualTo(Status.GOOD);
    }
}
