package dev.perennial.store.ledger;

import static dev.perennial.store.ledger.LedgerFixture.append;
import static dev.perennial.store.ledger.LedgerFixture.change;
import static dev.perennial.store.ledger.LedgerFixture.closedLedger;
import static dev.perennial.store.ledger.LedgerFixture.copy;
import static dev.perennial.store.ledger.LedgerFixture.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.ledgerverifier.LedgerVerifier;
import dev.perennial.ledgerverifier.Report;
import dev.perennial.ledgerverifier.Report.Status;
import dev.perennial.store.ChildJvm;
import dev.perennial.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is done to an export or a data directory, the verifier says no and names where. */
class DamagedLedgerTest {
    @TempDir
    Path folder;

    private Path data;
    private Path export;

    @BeforeEach
    void fill() {
        data = closedLedger(folder.resolve("data"));
        export = folder.resolve("export");
        try (Store store = open(data)) {
            store.ledger().exportTo(export);
        }
    }

    private static Report verify(Path target) {
        return LedgerVerifier.verify(target, Optional.empty());
    }

    private static void assertBroken(Report report, String told) {
        assertThat(report.status()).as(report.text()).isEqualTo(Status.BROKEN);
        assertThat(report.status().exitStatus()).isEqualTo(1);
        assertThat(report.text()).contains(told);
    }

    private List<String> lines(String name) throws IOException {
        return new ArrayList<>(Files.readAllLines(export.resolve(name)));
    }

    private void write(String name, List<String> lines) throws IOException {
        Files.writeString(export.resolve(name), String.join("\n", lines) + "\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "checkpoints.txt",
                "entries-00001.jsonl",
                "keys.json",
                "manifest.dsse.json",
                "manifest.json",
                "payloads-00001.jsonl",
                "README.txt"
            })
    void aMissingFileIsTold(String name) throws IOException {
        Files.delete(export.resolve(name));
        Report report = verify(export);
        assertThat(report.status()).as(report.text()).isEqualTo(Status.BROKEN);
        assertThat(report.findings()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "checkpoints.txt",
                "entries-00001.jsonl",
                "keys.json",
                "manifest.dsse.json",
                "manifest.json",
                "payloads-00001.jsonl",
                "README.txt"
            })
    void anEmptyFileIsTold(String name) throws IOException {
        Files.writeString(export.resolve(name), "");
        assertThat(verify(export).status()).isEqualTo(Status.BROKEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"entries-00001.jsonl", "payloads-00001.jsonl", "checkpoints.txt", "manifest.json"})
    void aFileThatIsCutAnywhereIsTold(String name) throws IOException {
        byte[] whole = Files.readAllBytes(export.resolve(name));
        for (int length = 0; length < whole.length; length += Math.max(1, whole.length / 40)) {
            Files.write(export.resolve(name), java.util.Arrays.copyOf(whole, length));
            assertThat(verify(export).status()).as(name + " cut at " + length).isEqualTo(Status.BROKEN);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"more.txt", "entries-00002.jsonl", "entries-00003.jsonl", "payloads-00002.jsonl", "a folder"})
    void aFileMoreIsTold(String name) throws IOException {
        if (name.contains(" ")) {
            Files.createDirectory(export.resolve(name));
        } else {
            Files.writeString(export.resolve(name), "");
        }
        assertBroken(verify(export), "");
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 2", "0, 7", "5, 7"})
    void twoSwappedEntriesAreTold(int first, int second) throws IOException {
        List<String> lines = lines("entries-00001.jsonl");
        Collections.swap(lines, first, second);
        write("entries-00001.jsonl", lines);
        Report report = verify(export);
        assertThat(report.status()).as(report.text()).isEqualTo(Status.BROKEN);
        assertThat(report.first().orElseThrow().seq()).as(report.text()).isPositive();
    }

    @Test
    void entriesOfTwoStreamsThatAreSwappedAreToldByTheCheckpoint() throws IOException {
        List<String> lines = lines("entries-00001.jsonl");
        Collections.swap(lines, 4, 5);
        write("entries-00001.jsonl", lines);
        assertBroken(verify(export), "do not have the root that was signed");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 7})
    void anEntryThatIsRemovedOrRepeatedIsTold(int line) throws IOException {
        List<String> lines = lines("entries-00001.jsonl");
        String removed = lines.remove(line);
        write("entries-00001.jsonl", lines);
        assertBroken(verify(export), "");
        lines.add(line, removed);
        lines.add(line, removed);
        write("entries-00001.jsonl", lines);
        assertBroken(verify(export), "");
    }

    @Test
    void payloadsInAnotherOrderAreTold() throws IOException {
        List<String> lines = lines("payloads-00001.jsonl");
        Collections.reverse(lines);
        write("payloads-00001.jsonl", lines);
        assertBroken(verify(export), "");
    }

    @Test
    void aPayloadOfAnotherEntryIsToldWithItsEntry() throws IOException {
        List<String> lines = lines("payloads-00001.jsonl");
        String hash = lines.get(2).replaceAll(".*\"entry\":\"([0-9a-f]{64})\".*", "$1");
        lines.set(2, lines.get(3).replaceAll("[0-9a-f]{64}(\",\"payload)", hash + "$1"));
        write("payloads-00001.jsonl", lines);
        assertBroken(verify(export), "entry 3 of model:m");
    }

    @Test
    void filesOfTwoExportsDoNotGoTogether() throws IOException {
        Path other = folder.resolve("other-export");
        try (Store store = open(closedLedger(folder.resolve("other")))) {
            store.ledger().exportTo(other);
        }
        try (Stream<Path> files = Files.list(other)) {
            for (Path file : files.filter(file -> !file.endsWith("README.txt")).toList()) {
                Path mine = export.resolve(file.getFileName());
                byte[] original = Files.readAllBytes(mine);
                Files.write(mine, Files.readAllBytes(file));
                assertThat(verify(export).status()).as(file.toString()).isEqualTo(Status.BROKEN);
                Files.write(mine, original);
            }
        }
        assertThat(verify(export).status()).isEqualTo(Status.GOOD);
    }

    @Test
    void anOlderExportIsGoodByItselfAndToldByANewerCheckpoint() throws IOException {
        Path kept = folder.resolve("kept.txt");
        try (Store store = open(data)) {
            append(store, "model:m", 2);
            Files.writeString(kept, store.ledger().seal().orElseThrow().note());
        }
        assertThat(verify(export).status()).isEqualTo(Status.GOOD);
        assertBroken(LedgerVerifier.verify(export, Optional.empty(), List.of(kept)), "10 entries");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "perennial-ledger", "perennial-ledger+00000000+AAAA", "-----BEGIN PUBLIC KEY-----"})
    void aKeyFileThatHoldsNoKeyIsTold(String text) throws IOException {
        Path key = Files.writeString(folder.resolve("key"), text);
        assertThat(LedgerVerifier.verify(export, Optional.of(key)).status()).isEqualTo(Status.BROKEN);
        assertThat(LedgerVerifier.verify(data, Optional.of(key)).status()).isEqualTo(Status.BROKEN);
    }

    @Test
    void aDataDirectoryWithoutItsPublicKeyIsJudgedByTheKeyThatIsGiven() throws IOException {
        Path copy = copy(data, folder.resolve("copy"));
        Files.delete(copy.resolve("ledger.pub"));
        assertThat(LedgerVerifier.verify(copy, Optional.of(data.resolve("ledger.pub")))
                        .status())
                .isEqualTo(Status.GOOD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "delete from ledger_checkpoint",
                "delete from ledger_entry",
                "delete from ledger_stream",
                "delete from ledger_stream where stream = 'system'",
                "update ledger_stream set seq = seq + 1",
                "update ledger_stream set head = '0000000000000000000000000000000000000000000000000000000000000000'",
                "update ledger_entry set leaf_index = null where leaf_index = 7",
                "update ledger_entry set leaf_index = leaf_index + 1000",
                "update ledger_entry set stream = 'model:x' where stream = 'model:m'",
                "update ledger_checkpoint set size = size + 1",
                "update ledger_checkpoint set note = ''",
                "update ledger_payload set payload = zeroblob(1000000)",
                "update ledger_entry set header = zeroblob(0)",
                "drop table ledger_entry",
                "drop table ledger_checkpoint"
            })
    void anyChangeOfTheTablesIsTold(String statement) {
        Path copy = copy(data, folder.resolve("copy"));
        change(copy, statement);
        Report report = verify(copy);
        assertThat(report.status()).as(report.text()).isEqualTo(Status.BROKEN);
        assertThat(report.findings()).isNotEmpty();
    }

    @Test
    void aPayloadWithoutItsRowIsIncomplete() {
        Path copy = copy(data, folder.resolve("copy"));
        change(copy, "delete from ledger_payload");
        Report report = verify(copy);
        assertThat(report.status()).as(report.text()).isEqualTo(Status.INCOMPLETE);
        assertThat(report.status().exitStatus()).isEqualTo(2);
        assertThat(report.findings()).hasSize(8);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 100, 4096, 20_000})
    void aDatabaseThatIsCutIsTold(int length) throws IOException {
        Path copy = copy(data, folder.resolve("copy"));
        byte[] whole = Files.readAllBytes(copy.resolve("perennial.db"));
        Files.write(copy.resolve("perennial.db"), java.util.Arrays.copyOf(whole, length));
        assertThat(verify(copy).status()).isEqualTo(Status.BROKEN);
    }

    @Test
    void aDatabaseOfNoiseIsTold() throws IOException {
        Path noise = Files.writeString(folder.resolve("noise.db"), "noise ".repeat(5000), StandardCharsets.US_ASCII);
        assertBroken(verify(noise), "");
        assertBroken(verify(folder.resolve("absent")), "absent");
        assertBroken(verify(Files.createDirectory(folder.resolve("empty"))), "");
    }

    private static int program(String... arguments) throws Exception {
        Process process = ChildJvm.of(dev.perennial.ledgerverifier.Main.class, arguments)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor();
    }

    @Test
    void theProgramEndsWithWhatItFound() throws Exception {
        Path key = data.resolve("ledger.pub");
        assertThat(program(data.toString(), "--key", key.toString(), "--json")).isZero();
        Path incomplete = copy(data, folder.resolve("incomplete"));
        change(
                incomplete,
                "delete from ledger_payload where entry_hash in (select entry_hash from ledger_entry where seq = 1)");
        assertThat(program(incomplete.toString())).isEqualTo(2);
        change(incomplete, "delete from ledger_entry where seq = 2");
        assertThat(program(incomplete.toString())).isEqualTo(1);
    }
}
