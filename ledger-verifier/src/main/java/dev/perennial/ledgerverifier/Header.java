package dev.perennial.ledgerverifier;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The header of an entry, format version 1: read only when it is exactly as the format says. */
record Header(Map<String, String> fields, String hash) {
    private static final Set<String> REQUIRED =
            Set.of("v", "ledger", "stream", "seq", "prev", "ts", "actor", "action", "object", "commit");
    private static final Set<String> OPTIONAL = Set.of("behalf", "req");

    static Header parse(byte[] bytes) {
        String text = StrictJson.utf8(bytes);
        Map<String, String> fields = StrictJson.texts(StrictJson.parse(text));
        for (String key : REQUIRED) {
            if (!fields.containsKey(key)) {
                throw new Unusable("header without '" + key + "'");
            }
        }
        for (String key : fields.keySet()) {
            if (!REQUIRED.contains(key) && !OPTIONAL.contains(key)) {
                throw new Unusable("header with unknown key '" + key + "'");
            }
        }
        if (!canonical(fields).equals(text)) {
            throw new Unusable("header is not in canonical form");
        }
        Header header = new Header(fields, Hashes.hex(Hashes.leaf(bytes)));
        header.check();
        return header;
    }

    private static String canonical(Map<String, String> fields) {
        StringBuilder text = new StringBuilder("{");
        new TreeMap<>(fields).forEach((key, value) -> {
            text.append(text.length() > 1 ? ",\"" : "\"").append(key).append("\":\"");
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                text.append(c == '"' || c == '\\' ? "\\" : "").append(c);
            }
            text.append('"');
        });
        return text.append('}').toString();
    }

    private void check() {
        if (!get("v").equals("1")) {
            throw new Unusable("format version '" + get("v") + "' is not 1");
        }
        if (!get("seq").matches("[1-9][0-9]{0,17}")) {
            throw new Unusable("seq '" + get("seq") + "' is not a positive number");
        }
        if (!Hashes.isHash(get("prev")) || !Hashes.isHash(get("commit"))) {
            throw new Unusable("prev or commit is not a hash of 64 hexadecimal digits");
        }
        if (!get("ts").matches("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z")) {
            throw new Unusable("ts '" + get("ts") + "' is not a UTC time with milliseconds");
        }
        if (!Catalogue.ACTIONS.contains(get("action"))) {
            throw new Unusable("action '" + get("action") + "' is not in the catalogue");
        }
    }

    String get(String key) {
        String value = fields.get(key);
        return value == null ? "" : value;
    }

    String stream() {
        return get("stream");
    }

    long seq() {
        return Long.parseLong(get("seq"));
    }
}
