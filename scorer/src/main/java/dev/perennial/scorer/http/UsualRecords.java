package dev.perennial.scorer.http;

import dev.perennial.scorer.serving.Schema;

/** Reads records: an object of a list of objects, and nothing beside it. Stateless. */
final class UsualRecords {
    private static final byte[] RECORDS = JsonCursor.ascii("records");

    private UsualRecords() {}

    /** As {@link UsualRows.Reader} wants it. */
    static boolean read(UsualRows rows, JsonCursor json) {
        boolean keyless = rows.schema().key().isEmpty();
        if (!json.take('{') || !json.member() || !json.says(RECORDS) || !json.take('[')) {
            return false;
        }
        do {
            if (!record(rows.schema(), rows.begin(), json) || !rows.end(keyless ? rows.newId() : null)) {
                return false;
            }
        } while (json.take(','));
        return json.take(']') && json.take('}') && json.ended();
    }

    private static boolean record(Schema schema, RowBuilder row, JsonCursor json) {
        if (!json.take('{')) {
            return false;
        }
        int guess = 0;
        do {
            if (!json.member()) {
                return false;
            }
            Schema.Place place = json.place(schema, guess);
            guess = place.number() + 1;
            if (place.number() < 0 || !row.usual(place, json)) {
                return false;
            }
        } while (json.take(','));
        return json.take('}');
    }
}
