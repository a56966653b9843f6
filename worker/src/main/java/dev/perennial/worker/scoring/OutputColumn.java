package dev.perennial.worker.scoring;

/** A column that the model adds. */
record OutputColumn(String name, Kind kind) {
    /** What it holds, and the type that keeps it in a part. */
    enum Kind {
        NUMBER("DOUBLE"),
        WHOLE("BIGINT"),
        TEXT("VARCHAR");

        private final String sql;

        Kind(String sql) {
            this.sql = sql;
        }

        String sql() {
            return sql;
        }
    }
}
