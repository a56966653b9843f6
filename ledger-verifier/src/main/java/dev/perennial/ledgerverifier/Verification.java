package dev.perennial.ledgerverifier;

import dev.perennial.ledgerverifier.Report.Finding;
import dev.perennial.ledgerverifier.Report.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** One pass over the evidence in the order of the leaves; every claim is computed again. Cost: two hashes an entry and one a node. */
final class Verification {
    private static final int FINDINGS_MAX = 100;

    private final Evidence evidence;
    private final PublicKeyLine key;
    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, Evidence.Head> heads = new HashMap<>();
    private final Map<String, Finding> missingPayloads = new LinkedHashMap<>();
    private final Set<String> erased = new HashSet<>();
    private final Set<String> hashes = new HashSet<>();
    private final SortedMap<Long, List<SignedNote>> due = new TreeMap<>();
    private final Set<SignedNote> trusted = new HashSet<>();
    private final MerkleTree.Growing tree = new MerkleTree.Growing();
    private int rightCheckpoints;
    private long newestCheckpoint;
    private Optional<String> completeUntil = Optional.empty();
    private Optional<String> newestTime = Optional.empty();

    Verification(Evidence evidence, PublicKeyLine key) {
        this.evidence = evidence;
        this.key = key;
    }

    Report run(List<String> trustedNotes, List<String> notes) {
        openCheckpoints(trustedNotes);
        checkRootsAt(0);
        for (Evidence.Row row : evidence.rows()) {
            check(row);
        }
        checkMissing();
        checkUnclaimedPayloads();
        checkHeads();
        checkCoverage();
        evidence.findings().forEach(this::add);
        Status status = Status.GOOD;
        for (Finding finding : findings) {
            status = status == Status.BROKEN || finding.status() == Status.BROKEN ? Status.BROKEN : Status.INCOMPLETE;
        }
        long erasedCount =
                missingPayloads.keySet().stream().filter(erased::contains).count();
        return new Report(
                status,
                evidence.ledger(),
                evidence.rows().size(),
                newestCheckpoint,
                heads.size(),
                rightCheckpoints,
                erasedCount,
                completeUntil,
                List.copyOf(findings),
                List.copyOf(notes));
    }

    private void add(Finding finding) {
        if (findings.size() < FINDINGS_MAX) {
            findings.add(finding);
        }
    }

    private void broken(String where, long seq, String problem, String expected, String found) {
        add(new Finding(Status.BROKEN, where, seq, problem, expected, found));
    }

    private void openCheckpoints(List<String> trustedNotes) {
        for (String text : evidence.checkpoints()) {
            open(text).ifPresent(note -> {
                if (note.size() <= newestCheckpoint) {
                    broken(
                            "checkpoint",
                            0,
                            "checkpoints do not grow",
                            "more than " + newestCheckpoint,
                            String.valueOf(note.size()));
                }
                newestCheckpoint = note.size();
                due.computeIfAbsent(note.size(), size -> new ArrayList<>()).add(note);
            });
        }
        for (String text : trustedNotes) {
            open(text).ifPresent(note -> {
                trusted.add(note);
                due.computeIfAbsent(note.size(), size -> new ArrayList<>()).add(note);
            });
        }
    }

    private Optional<SignedNote> open(String text) {
        try {
            SignedNote note = SignedNote.open(text, key);
            if (!note.origin().equals(evidence.ledger())) {
                broken("checkpoint", 0, "it is of another ledger", evidence.ledger(), note.origin());
            }
            return Optional.of(note);
        } catch (Unusable e) {
            broken("checkpoint", 0, String.valueOf(e.getMessage()), "", "");
            return Optional.empty();
        }
    }

    private void check(Evidence.Row row) {
        byte[] leaf = Hashes.leaf(row.header());
        String hash = Hashes.hex(leaf);
        hashes.add(hash);
        String place = row.place();
        long seq = row.seq();
        try {
            Header header = Header.parse(row.header());
            if (!hash.equals(row.statedHash())) {
                broken(
                        place(row, header),
                        seq(row, header),
                        "the header does not have the hash that is stated for it",
                        row.statedHash(),
                        hash);
            }
            place = header.stream();
            seq = header.seq();
            checkPlace(row, header);
            checkChain(header);
            checkPayload(header);
            newestTime = Optional.of(header.get("ts"));
        } catch (Unusable e) {
            broken(row.place(), row.seq(), String.valueOf(e.getMessage()), row.statedHash(), hash);
        }
        if (row.leaf().isPresent()) {
            if (row.leaf().getAsLong() != tree.size()) {
                broken(
                        place,
                        seq,
                        "leaf indexes have a gap or stand twice",
                        String.valueOf(tree.size()),
                        String.valueOf(row.leaf().getAsLong()));
            }
            tree.add(leaf);
            checkRootsAt(tree.size());
        }
    }

    private static String place(Evidence.Row row, Header header) {
        return row.seq() > 0 ? row.place() : header.stream();
    }

    private static long seq(Evidence.Row row, Header header) {
        return row.seq() > 0 ? row.seq() : header.seq();
    }

    private void checkPlace(Evidence.Row row, Header header) {
        if (!header.get("ledger").equals(evidence.ledger())) {
            broken(
                    place(row, header),
                    seq(row, header),
                    "the entry is of another ledger",
                    evidence.ledger(),
                    header.get("ledger"));
        }
        row.links().ifPresent(links -> {
            String stated = row.place() + " " + row.seq() + " " + links.prev() + " " + links.commit();
            String signed =
                    header.stream() + " " + header.get("seq") + " " + header.get("prev") + " " + header.get("commit");
            if (!stated.equals(signed)) {
                broken(row.place(), row.seq(), "its columns are not those of its header", signed, stated);
            }
        });
    }

    private void checkChain(Header header) {
        Evidence.Head head = heads.getOrDefault(header.stream(), new Evidence.Head(0, Hashes.ZEROS));
        if (header.seq() != head.seq() + 1) {
            broken(
                    header.stream(),
                    head.seq() + 1,
                    "the entry is missing, stands twice or out of order",
                    "number " + (head.seq() + 1),
                    "number " + header.seq());
        } else if (!header.get("prev").equals(head.hash())) {
            broken(
                    header.stream(),
                    header.seq(),
                    "it does not follow the entry before it",
                    head.hash(),
                    header.get("prev"));
        }
        heads.put(header.stream(), new Evidence.Head(header.seq(), header.hash()));
    }

    private void checkPayload(Header header) {
        Evidence.Payload payload = evidence.payloads().get(header.hash());
        byte[] salt = payload == null ? null : payload.salt();
        byte[] bytes = payload == null ? null : payload.bytes();
        if (salt == null || bytes == null) {
            missingPayloads.put(
                    header.hash(),
                    new Finding(
                            Status.INCOMPLETE,
                            header.stream(),
                            header.seq(),
                            "the payload is missing and no audit.erase entry names it",
                            "commitment " + header.get("commit"),
                            "nothing"));
            return;
        }
        String commitment = Hashes.commitment(salt, bytes);
        if (!commitment.equals(header.get("commit"))) {
            broken(
                    header.stream(),
                    header.seq(),
                    "the payload is not the one that was committed to",
                    header.get("commit"),
                    commitment);
            return;
        }
        Map<String, ?> content = StrictJson.object(StrictJson.utf8(bytes));
        if (header.get("action").equals("audit.erase") && content.get("entry") instanceof String entry) {
            erased.add(entry);
        }
    }

    private void checkMissing() {
        missingPayloads.forEach((hash, finding) -> {
            if (!erased.contains(hash)) {
                add(finding);
            }
        });
    }

    private void checkUnclaimedPayloads() {
        for (String entry : evidence.payloads().keySet()) {
            if (!hashes.contains(entry)) {
                broken("payloads", 0, "a payload without an entry", "", entry);
            }
        }
    }

    private void checkHeads() {
        evidence.heads().ifPresent(stated -> {
            stated.forEach((stream, head) -> {
                Evidence.Head found = heads.getOrDefault(stream, new Evidence.Head(0, Hashes.ZEROS));
                if (!found.equals(head)) {
                    broken(
                            stream,
                            found.seq() + 1,
                            "the stream does not end where it should",
                            head.seq() + " " + head.hash(),
                            found.seq() + " " + found.hash());
                }
            });
            heads.keySet().stream()
                    .filter(stream -> !stated.containsKey(stream))
                    .forEach(stream -> broken(stream, 1, "the stream has no head", "", ""));
        });
    }

    private void checkRootsAt(long size) {
        List<SignedNote> notes = due.remove(size);
        if (notes == null) {
            return;
        }
        String root = Hashes.hex(tree.root());
        for (SignedNote note : notes) {
            String kind = trusted.contains(note) ? "trusted checkpoint" : "checkpoint";
            if (Hashes.hex(note.root()).equals(root)) {
                rightCheckpoints++;
                completeUntil = size > 0 ? newestTime : completeUntil;
            } else {
                broken(
                        kind,
                        0,
                        "the first " + size + " entries do not have the root that was signed",
                        Hashes.hex(note.root()),
                        root);
            }
        }
    }

    private void checkCoverage() {
        due.forEach((size, notes) -> notes.forEach(note -> broken(
                trusted.contains(note) ? "trusted checkpoint" : "checkpoint",
                0,
                "entries were cut off: it covers more than there are",
                size + " entries",
                tree.size() + " entries")));
        if (tree.size() > newestCheckpoint) {
            broken(
                    "checkpoint",
                    0,
                    "no checkpoint covers all leaves",
                    tree.size() + " entries",
                    newestCheckpoint + " entries");
        }
    }
}
