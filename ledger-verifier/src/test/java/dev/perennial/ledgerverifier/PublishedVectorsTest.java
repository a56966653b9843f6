package dev.perennial.ledgerverifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** RFC 6962's example tree and the three entries of format version 1. */
class PublishedVectorsTest {
    private static final List<byte[]> LEAVES = Stream.of(
                    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
            .map(hex -> Hashes.leaf(HexFormat.of().parseHex(hex)))
            .toList();
    private static final List<String> ROOTS = List.of(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    private static final byte[] SALT =
            HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    private static final String HEADER_1 = "{\"action\":\"model_version.create\",\"actor\":\"user:u_01\","
            + "\"commit\":\"1c506d02e1e76f3b8af3fe5baaf9ec3cc8b9f7d1965c238b9fbf9889345af10b\","
            + "\"ledger\":\"11111111-2222-3333-4444-555555555555\",\"object\":\"model:credit/1\","
            + "\"prev\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"seq\":\"1\","
            + "\"stream\":\"project:credit\",\"ts\":\"2026-01-02T03:04:00.000Z\",\"v\":\"1\"}";

    private static List<String> starts(List<byte[]> nodes) {
        return nodes.stream().map(node -> Hashes.hex(node).substring(0, 16)).toList();
    }

    @Test
    void rootsOfEverySizeAreThoseOfTheStandard() {
        MerkleTree.Growing growing = new MerkleTree.Growing();
        for (int size = 0; size <= LEAVES.size(); size++) {
            assertThat(Hashes.hex(MerkleTree.root(LEAVES, 0, size))).isEqualTo(ROOTS.get(size));
            assertThat(Hashes.hex(growing.root())).isEqualTo(ROOTS.get(size));
            assertThat(growing.size()).isEqualTo(size);
            if (size < LEAVES.size()) {
                growing.add(LEAVES.get(size));
            }
        }
    }

    @Test
    void proofsAreThoseOfTheStandard() {
        assertThat(starts(MerkleTree.inclusion(LEAVES, 5)))
                .containsExactly("bc1a0643b12e4d2d", "ca854ea128ed050b", "d37ee418976dd957");
        assertThat(starts(MerkleTree.consistency(LEAVES.subList(0, 7), 3)))
                .containsExactly("0298d122906dcfc1", "07506a85fd9dd2f1", "fac54203e7cc696c", "837dbb152e9b0790");
        assertThat(starts(MerkleTree.consistency(LEAVES, 4))).containsExactly("6b47aaf29ee3c2af");
    }

    @Test
    void theThreeEntriesOfFormatOneHashAsPublished() {
        byte[] header = HEADER_1.getBytes(StandardCharsets.UTF_8);
        assertThat(header).hasSize(353);
        List<String> payloads = List.of(
                "{\"reason\":\"first model\",\"version\":\"1\"}",
                "{\"gate\":\"fairness\",\"result\":\"PASS\"}",
                "{\"alias\":\"champion\",\"from\":\"\",\"to\":\"1\"}");
        List<String> actions = List.of("model_version.create", "gate.evaluate", "alias.set");
        List<byte[]> leaves = new ArrayList<>();
        String previous = Hashes.ZEROS;
        List<String> hashes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String commit = Hashes.commitment(SALT, payloads.get(i).getBytes(StandardCharsets.UTF_8));
            String text = HEADER_1.replace("model_version.create", actions.get(i))
                    .replace("1c506d02e1e76f3b8af3fe5baaf9ec3cc8b9f7d1965c238b9fbf9889345af10b", commit)
                    .replace(Hashes.ZEROS, previous)
                    .replace("\"seq\":\"1\"", "\"seq\":\"" + (i + 1) + "\"")
                    .replace(":00.000Z", ":0" + i + ".000Z");
            Header parsed = Header.parse(text.getBytes(StandardCharsets.UTF_8));
            previous = parsed.hash();
            hashes.add(previous);
            leaves.add(HexFormat.of().parseHex(previous));
        }
        assertThat(hashes)
                .containsExactly(
                        "3c8e0c3ddfb6066519bebb81a6b4ddecf33e8ab56bccf76ea932bee4581566a5",
                        "7967eda2979a852b135ee4299b44a8fc184184d70970f0ab5690cdd5ce1cfe9e",
                        "b8f2745841478db63f8bcd08fc707fabb39cd1324df240c2481a3be1ac842d00");
        assertThat(Hashes.hex(MerkleTree.root(leaves, 0, 3)))
                .isEqualTo("9103d31ebefc973406ddb8b6727e1d7aebb8a6a23ba12ddc359f9dfecc397f84");
    }
}
