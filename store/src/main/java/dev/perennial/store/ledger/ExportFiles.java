package dev.perennial.store.ledger;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Collects what an export holds: entries in leaf order up to the newest checkpoint, payloads, checkpoints, keys and a manifest. */
final class ExportFiles {
    private static final int LINES_MAX = 10_000;
    private static final long BYTES_MAX = 1L << 30;
    private static final String FORMAT = "perennial-ledger-export/1";
    private static final String MANIFEST_TYPE = "application/vnd.perennial.ledger-manifest+json";

    private final String ledger;
    private final String verifierKey;
    private final LedgerKey key;
    private final SortedMap<String, byte[]> files = new TreeMap<>();
    private long bytes;

    ExportFiles(String ledger, String verifierKey, LedgerKey key) {
        this.ledger = ledger;
        this.verifierKey = verifierKey;
        this.key = key;
    }

    private record Row(String hash, byte[] header, byte @Nullable [] salt, byte @Nullable [] payload) {}

    SortedMap<String, byte[]> collect(Handle sql) {
        long size = Sealer.newest(sql).map(Checkpoint::size).orElse(0L);
        for (long from = 0; from < size; from += LINES_MAX) {
            addRows(sql, from, Math.min(size, from + LINES_MAX));
        }
        List<String> notes = sql.createQuery("select note from ledger_checkpoint order by size")
                .mapTo(String.class)
                .list();
        put("checkpoints.txt", String.join("\n", notes));
        put("keys.json", Json.canonical(Map.of("keys", List.of(verifierKey), "ledger", ledger)));
        put("README.txt", readme());
        addManifest(size);
        return files;
    }

    private void addRows(Handle sql, long from, long to) {
        ByteArrayOutputStream headers = new ByteArrayOutputStream();
        ByteArrayOutputStream payloads = new ByteArrayOutputStream();
        sql.createQuery(
                        "select e.entry_hash, e.header, p.salt, p.payload from ledger_entry e left join ledger_payload p"
                                + " on p.entry_hash = e.entry_hash where e.leaf_index >= :from and e.leaf_index < :to order by e.leaf_index")
                .bind("from", from)
                .bind("to", to)
                .map((row, context) -> new Row(row.getString(1), row.getBytes(2), row.getBytes(3), row.getBytes(4)))
                .forEach(row -> {
                    headers.writeBytes(row.header());
                    headers.write('\n');
                    byte[] salt = row.salt();
                    byte[] payload = row.payload();
                    if (salt != null && payload != null) {
                        payloads.writeBytes(Json.canonical(Map.of(
                                        "entry", row.hash(),
                                        "payload", new String(payload, StandardCharsets.UTF_8),
                                        "salt", HexFormat.of().formatHex(salt)))
                                .getBytes(StandardCharsets.UTF_8));
                        payloads.write('\n');
                    }
                });
        String number = String.format("%05d", from / LINES_MAX + 1);
        put("entries-" + number + ".jsonl", headers.toByteArray());
        put("payloads-" + number + ".jsonl", payloads.toByteArray());
    }

    private void addManifest(long size) {
        SortedMap<String, String> digests = new TreeMap<>();
        files.forEach((name, content) -> digests.put(name, Digest.of(content).hex()));
        byte[] manifest = Json.canonical(
                        Map.of("entries", String.valueOf(size), "files", digests, "format", FORMAT, "ledger", ledger))
                .getBytes(StandardCharsets.UTF_8);
        put("manifest.json", manifest);
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes(("DSSEv1 " + MANIFEST_TYPE.length() + " " + MANIFEST_TYPE + " " + manifest.length + " ")
                .getBytes(StandardCharsets.UTF_8));
        signed.writeBytes(manifest);
        Base64.Encoder base64 = Base64.getEncoder();
        put(
                "manifest.dsse.json",
                Json.canonical(Map.of(
                        "payload", base64.encodeToString(manifest),
                        "payloadType", MANIFEST_TYPE,
                        "signatures",
                                List.of(Map.of(
                                        "keyid", HexFormat.of().formatHex(key.id(ledger)),
                                        "sig", base64.encodeToString(key.sign(signed.toByteArray())))))));
    }

    private void put(String name, String text) {
        put(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private void put(String name, byte[] content) {
        bytes += content.length;
        if (bytes > BYTES_MAX) {
            throw PerennialException.state("the ledger is larger than the " + BYTES_MAX + " bytes of one export");
        }
        files.put(name, content);
    }

    private static String readme() {
        try (InputStream in = ExportFiles.class.getResourceAsStream("export-readme.txt")) {
            if (in == null) {
                throw new IllegalStateException("export-readme.txt is missing from this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read export-readme.txt", e);
        }
    }
}
