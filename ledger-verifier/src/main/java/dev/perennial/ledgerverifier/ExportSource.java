package dev.perennial.ledgerverifier;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads an export: a folder, or the archive of one. */
final class ExportSource {
    private static final String MANIFEST = "manifest.json";
    private static final String ENVELOPE = "manifest.dsse.json";
    private static final String FORMAT = "perennial-ledger-export/1";
    private static final String TYPE = "application/vnd.perennial.ledger-manifest+json";

    private final SortedMap<String, byte[]> files;
    private final List<Report.Finding> findings = new ArrayList<>();

    private ExportSource(SortedMap<String, byte[]> files) {
        this.files = files;
    }

    static Evidence readFolder(Path folder) throws IOException {
        SortedMap<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> found = Files.list(folder)) {
            for (Path file : found.toList()) {
                files.put(
                        file.getFileName().toString(),
                        Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0]);
            }
        }
        return new ExportSource(files).read();
    }

    static Evidence readArchive(byte[] zip) {
        return new ExportSource(StoredZip.read(zip)).read();
    }

    private Evidence read() {
        Map<String, String> keys = keyFile();
        String ledger = String.valueOf(keys.get("ledger"));
        PublicKeyLine key = PublicKeyLine.parse(String.valueOf(keys.get("key")));
        List<PayloadLine> payloadLines = payloadLines();
        List<Evidence.Row> rows = rows(payloadLines);
        Map<String, Evidence.Payload> payloads = new LinkedHashMap<>();
        for (PayloadLine line : payloadLines) {
            if (payloads.put(line.entry(), line.payload()) != null) {
                broken("payloads", "two payloads for entry " + line.entry(), "", "");
            }
        }
        List<String> notes = SignedNote.split(StrictJson.utf8(file("checkpoints.txt")));
        checkManifest(key, ledger, rows.size());
        return new Evidence(ledger, rows, payloads, notes, Optional.empty(), key, findings);
    }

    private byte[] file(String name) {
        byte[] content = files.get(name);
        if (content == null) {
            throw new Unusable("the export has no file " + name);
        }
        return content;
    }

    private void broken(String where, String problem, String expected, String found) {
        findings.add(new Report.Finding(Report.Status.BROKEN, where, 0, problem, expected, found));
    }

    private Map<String, String> keyFile() {
        Map<String, ?> content = StrictJson.object(StrictJson.utf8(file("keys.json")));
        if (content.size() == 2
                && content.get("ledger") instanceof String ledger
                && content.get("keys") instanceof List<?> keys
                && keys.size() == 1
                && keys.getFirst() instanceof String key) {
            return Map.of("ledger", ledger, "key", key);
        }
        throw new Unusable("keys.json does not hold a ledger and one key");
    }

    /** The lines of all files of one kind, in the order of their numbers. */
    private List<byte[]> lines(String kind) {
        List<byte[]> lines = new ArrayList<>();
        int number = 0;
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            if (!file.getKey().startsWith(kind)) {
                continue;
            }
            number++;
            if (!file.getKey().equals(kind + String.format("-%05d.jsonl", number))) {
                broken(
                        file.getKey(),
                        "the files are not numbered without gaps",
                        kind + String.format("-%05d.jsonl", number),
                        file.getKey());
            }
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (byte b : file.getValue()) {
                if (b == '\n') {
                    lines.add(line.toByteArray());
                    line.reset();
                } else {
                    line.write(b);
                }
            }
            if (line.size() > 0) {
                broken(file.getKey(), "the last line is cut off", "", "");
                lines.add(line.toByteArray());
            }
        }
        return lines;
    }

    private record PayloadLine(String entry, Evidence.Payload payload) {}

    private List<PayloadLine> payloadLines() {
        List<PayloadLine> result = new ArrayList<>();
        for (byte[] line : lines("payloads")) {
            try {
                Map<String, String> fields = StrictJson.texts(StrictJson.parse(StrictJson.utf8(line)));
                if (!fields.keySet().equals(Set.of("entry", "payload", "salt"))) {
                    throw new Unusable("keys entry, payload, salt expected, found " + fields.keySet());
                }
                byte[] bytes = String.valueOf(fields.get("payload")).getBytes(StandardCharsets.UTF_8);
                byte[] salt = Hashes.fromHex(String.valueOf(fields.get("salt")));
                result.add(new PayloadLine(String.valueOf(fields.get("entry")), new Evidence.Payload(salt, bytes)));
            } catch (Unusable e) {
                broken("payloads line " + (result.size() + 1), String.valueOf(e.getMessage()), "", "");
            }
        }
        return result;
    }

    /**
     * The hash stated for a header is that of the payload line beside it, so that a changed header is named by itself and not only by
     * the entry that follows it.
     */
    private List<Evidence.Row> rows(List<PayloadLine> payloads) {
        List<byte[]> headers = lines("entries");
        List<String> hashes =
                headers.stream().map(header -> Hashes.hex(Hashes.leaf(header))).toList();
        Set<String> known = new HashSet<>(hashes);
        List<Evidence.Row> rows = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < headers.size(); i++) {
            String stated = hashes.get(i);
            if (next < payloads.size()) {
                String entry = payloads.get(next).entry();
                if (entry.equals(stated) || !known.contains(entry)) {
                    stated = entry;
                    next++;
                }
            }
            rows.add(new Evidence.Row(
                    "line " + (i + 1) + " of the entries",
                    0,
                    headers.get(i),
                    stated,
                    OptionalLong.of(i),
                    Optional.empty()));
        }
        return rows;
    }

    private void checkManifest(PublicKeyLine key, String ledger, int entries) {
        byte[] manifest = file(MANIFEST);
        StringBuilder expected = new StringBuilder("{\"entries\":\"" + entries + "\",\"files\":{");
        files.forEach((name, content) -> {
            if (!name.equals(MANIFEST) && !name.equals(ENVELOPE)) {
                expected.append(expected.charAt(expected.length() - 1) == '{' ? "\"" : ",\"")
                        .append(name)
                        .append("\":\"");
                expected.append(Hashes.hex(Hashes.sha256(content))).append('"');
            }
        });
        expected.append("},\"format\":\"" + FORMAT + "\",\"ledger\":\"" + ledger + "\"}");
        if (!expected.toString().equals(new String(manifest, StandardCharsets.UTF_8))) {
            broken(
                    MANIFEST,
                    "the files are not those of the manifest",
                    expected.toString(),
                    new String(manifest, StandardCharsets.UTF_8));
            return;
        }
        checkEnvelope(key, manifest);
    }

    private void checkEnvelope(PublicKeyLine key, byte[] manifest) {
        String envelope = StrictJson.utf8(file(ENVELOPE));
        String start = "{\"payload\":\"" + Base64.getEncoder().encodeToString(manifest) + "\",\"payloadType\":\"" + TYPE
                + "\",\"signatures\":[{\"keyid\":\"" + Hashes.hex(key.id()) + "\",\"sig\":\"";
        String end = "\"}]}";
        if (!envelope.startsWith(start)
                || !envelope.endsWith(end)
                || envelope.length() < start.length() + end.length()) {
            broken(ENVELOPE, "does not hold the manifest signed by key " + Hashes.hex(key.id()), "", "");
            return;
        }
        byte[] head =
                ("DSSEv1 " + TYPE.length() + " " + TYPE + " " + manifest.length + " ").getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes(head);
        signed.writeBytes(manifest);
        try {
            byte[] signature = Hashes.fromBase64(envelope.substring(start.length(), envelope.length() - end.length()));
            if (!key.verify(signed.toByteArray(), signature)) {
                broken(ENVELOPE, "the signature is wrong for key " + Hashes.hex(key.id()), "", "");
            }
        } catch (GeneralSecurityException | Unusable e) {
            broken(ENVELOPE, "the signature cannot be read: " + e.getMessage(), "", "");
        }
    }
}
