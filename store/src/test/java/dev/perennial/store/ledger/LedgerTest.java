package dev.perennial.store.ledger;

import static dev.perennial.store.ledger.LedgerFixture.append;
import static dev.perennial.store.ledger.LedgerFixture.change;
import static dev.perennial.store.ledger.LedgerFixture.closedLedger;
import static dev.perennial.store.ledger.LedgerFixture.event;
import static dev.perennial.store.ledger.LedgerFixture.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    @TempDir
    Path folder;

    @Test
    void entriesAreReadBackInPagesWithEventTimeAndNumbersAsText() {
        try (Store store = open(folder)) {
            append(store, "model:m", 5);
            Page<LedgerEntry> first = store.ledger().entries("model:m", new PageRequest(3, Optional.empty()));
            Page<LedgerEntry> second = store.ledger()
                    .entries("model:m", PageRequest.of(3, first.next().orElseThrow()));
            assertThat(first.items()).extracting(LedgerEntry::seq).containsExactly(1L, 2L, 3L);
            assertThat(second.items()).extracting(LedgerEntry::seq).containsExactly(4L, 5L);
            assertThat(second.next()).isEmpty();
            LedgerEntry entry = second.items().getLast();
            assertThat(entry.payload())
                    .hasValue(Json.parse(
                            "{\"event_time\":\"2026-01-02T03:04:00.000Z\",\"reason\":\"change 4\",\"share\":\"0.5\"}"));
            assertThat(entry.recordedAt()).isEqualTo(LedgerFixture.CLOCK.millis());
            assertThat(store.ledger().entry(entry.hash())).hasValue(entry);
            assertThat(store.ledger().streams(PageRequest.of(null, null)).items())
                    .containsExactly(new Ledger.StreamHead("model:m", 5));
        }
    }

    @Test
    void anEntryIsOnlyThereWhenItsChangeIs() {
        try (Store store = open(folder)) {
            assertThatThrownBy(() -> store.database().writing(tx -> {
                        tx.ledger(event("system", "system.start", "x"));
                        throw new IllegalStateException("no");
                    }))
                    .hasMessage("no");
            append(store, "system", 1);
            assertThat(store.ledger()
                            .entries("system", PageRequest.of(null, null))
                            .items())
                    .extracting(LedgerEntry::seq)
                    .containsExactly(1L);
        }
    }

    @Test
    void sealingCoversAllEntriesOnceAndRepeatsItselfWithoutNews() {
        try (Store store = open(folder)) {
            assertThat(store.ledger().seal()).isEmpty();
            append(store, "model:m", 3);
            Checkpoint checkpoint = store.ledger().seal().orElseThrow();
            assertThat(checkpoint.size()).isEqualTo(3);
            assertThat(checkpoint.note()).startsWith(store.ledger().id() + "\n3\n");
            assertThat(store.ledger().seal()).hasValue(checkpoint);
            append(store, "model:m", 1);
            assertThat(store.ledger().status().entries()).isEqualTo(4);
            assertThat(store.ledger().status().sealed()).isEqualTo(3);
            assertThat(store.ledger().seal().orElseThrow().size()).isEqualTo(4);
        }
    }

    @Test
    void closingSealsAndReopeningContinuesTheSameTree() {
        closedLedger(folder);
        try (Store store = open(folder)) {
            assertThat(store.ledger().status().sealed()).isEqualTo(8);
            append(store, "system", 1);
            assertThat(store.ledger().seal().orElseThrow().size()).isEqualTo(9);
        }
    }

    @Test
    void manyEntriesSealThemselves() {
        try (Store store = open(folder)) {
            store.database().writing(tx -> {
                for (int i = 0; i < 300; i++) {
                    tx.ledger(event("model:m", "alias.set", "n" + i));
                }
            });
            org.assertj.core.api.Assertions.assertThatNoException().isThrownBy(() -> awaitSealed(store.ledger(), 300));
        }
    }

    private static void awaitSealed(Ledger ledger, long size) throws InterruptedException {
        long end = System.nanoTime() + 30_000_000_000L;
        while (ledger.status().sealed() < size) {
            assertThat(System.nanoTime()).as("sealed in time").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void theSigningKeyIsPrivateAndThePublicOneStandsOutsideTheDatabase() throws IOException {
        closedLedger(folder);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("keys/ledger.key"))))
                .isEqualTo("rw-------");
        try (Store store = open(folder)) {
            assertThat(folder.resolve("ledger.pub")).hasContent(store.ledger().verifierKey() + "\n");
        }
    }

    @Test
    void aForeignKeyDatabaseOrPublicKeyIsRefused() throws IOException {
        closedLedger(folder.resolve("a"));
        closedLedger(folder.resolve("b"));
        Files.copy(
                folder.resolve("b/ledger.pub"),
                folder.resolve("a/ledger.pub"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> open(folder.resolve("a")))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("replaced");
        Files.delete(folder.resolve("a/ledger.pub"));
        open(folder.resolve("a")).close();
        Files.copy(
                folder.resolve("b/keys/ledger.key"),
                folder.resolve("a/keys/ledger.key"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> open(folder.resolve("a"))).hasMessageContaining("signing key");
        Files.delete(folder.resolve("a/keys/ledger.key"));
        assertThatThrownBy(() -> open(folder.resolve("a"))).hasMessageContaining("missing");
        Files.delete(folder.resolve("b/perennial.db"));
        assertThatThrownBy(() -> open(folder.resolve("b"))).hasMessageContaining("the database is new");
    }

    @Test
    void aLedgerChangedBehindItsBackIsNotSigned() {
        closedLedger(folder);
        change(
                folder,
                "update ledger_entry set entry_hash = '" + "a".repeat(64) + "' where stream = 'model:m' and seq = 2");
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("changed outside the product");
    }

    @Test
    void badEventsAreRefusedByName() {
        try (Store store = open(folder)) {
            List<LedgerEvent> bad = List.of(
                    new LedgerEvent("", "user:a", "alias.set", "o", 0, Json.object()),
                    new LedgerEvent("s\n", "user:a", "alias.set", "o", 0, Json.object()),
                    new LedgerEvent("s", "\ud800", "alias.set", "o", 0, Json.object()),
                    new LedgerEvent("s", "user:a", "alias.sit", "o", 0, Json.object()),
                    new LedgerEvent("s", "user:a", "alias.set", "o".repeat(1_001), 0, Json.object()),
                    new LedgerEvent("s", "user:a", "alias.set", "o", 0, Json.array()),
                    new LedgerEvent(
                            "s", "user:a", "alias.set", "o", 0, Json.object().put("event_time", "x")),
                    new LedgerEvent(
                            "s", "user:a", "alias.set", "o", 0, Json.object().put("big", "x".repeat(1 << 20))));
            assertThat(bad)
                    .allSatisfy(event -> assertThatThrownBy(
                                    () -> store.database().writing(tx -> tx.ledger(event)))
                            .isInstanceOf(PerennialException.class));
            assertThat(store.ledger().status().entries()).isZero();
        }
    }

    @Test
    void theWriterHashesThePublishedEntry() {
        byte[] salt = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        byte[] payload = "{\"reason\":\"first model\",\"version\":\"1\"}".getBytes(StandardCharsets.UTF_8);
        byte[] header = EntryFormat.header(Map.of(
                "v", "1",
                "ledger", "11111111-2222-3333-4444-555555555555",
                "stream", "project:credit",
                "seq", "1",
                "prev", EntryFormat.NO_ENTRY,
                "ts", EntryFormat.time(1_767_323_040_000L),
                "actor", "user:u_01",
                "action", "model_version.create",
                "object", "model:credit/1",
                "commit", EntryFormat.commitment(salt, payload).hex()));
        assertThat(header).hasSize(353);
        assertThat(EntryFormat.entryHash(header).hex())
                .isEqualTo("3c8e0c3ddfb6066519bebb81a6b4ddecf33e8ab56bccf76ea932bee4581566a5");
    }

    @Test
    void theWritersTreeHasThePublishedRoot() {
        MerkleFrontier tree = new MerkleFrontier();
        assertThat(tree.root()).isEqualTo(Digest.of(""));
        tree.add("3c8e0c3ddfb6066519bebb81a6b4ddecf33e8ab56bccf76ea932bee4581566a5");
        tree.add("7967eda2979a852b135ee4299b44a8fc184184d70970f0ab5690cdd5ce1cfe9e");
        tree.add("b8f2745841478db63f8bcd08fc707fabb39cd1324df240c2481a3be1ac842d00");
        assertThat(tree.root().hex()).isEqualTo("9103d31ebefc973406ddb8b6727e1d7aebb8a6a23ba12ddc359f9dfecc397f84");
    }
}
