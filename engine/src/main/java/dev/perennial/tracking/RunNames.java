package dev.perennial.tracking;

import java.util.List;

/** Names for runs and models that come without one; the same id gives the same name. */
public final class RunNames {
    private static final List<String> FIRST = List.of(
            "amber", "bold", "brisk", "calm", "clear", "copper", "early", "fair", "gentle", "golden", "green", "keen",
            "late", "mellow", "quiet", "rapid", "silver", "steady", "sunny", "wide");
    private static final List<String> SECOND = List.of(
            "alder", "aster", "birch", "cedar", "clover", "fern", "hazel", "heron", "iris", "juniper", "larch",
            "linden", "maple", "oak", "otter", "poppy", "robin", "sage", "willow", "wren");
    private static final int NUMBERS = 1000;

    private RunNames() {}

    public static String of(String id) {
        int hash = id.hashCode() & Integer.MAX_VALUE;
        return FIRST.get(hash % FIRST.size()) + "-" + SECOND.get(hash / FIRST.size() % SECOND.size()) + "-"
                + hash / (FIRST.size() * SECOND.size()) % NUMBERS;
    }
}
