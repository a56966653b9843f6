package dev.perennial.tracking;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Datasets and which run read them, in SQL. */
final class DatasetRows {
    static final int INPUTS_MAX = 1000;
    static final int NAME_MAX = 500;
    static final int DIGEST_MAX = 36;
    private static final int SOURCE_MAX = 65_535;
    private static final int SCHEMA_MAX = 1_048_575;
    private static final int PROFILE_MAX = 16_777_215;
    private static final int TAG_KEY_MAX = 255;
    private static final int TAG_VALUE_MAX = 500;

    private DatasetRows() {}

    static void check(List<DatasetInput> inputs) {
        if (inputs.size() > INPUTS_MAX) {
            throw PerennialException.invalid(
                    "datasets", "at most " + INPUTS_MAX + " datasets can be logged at once, got " + inputs.size());
        }
        for (int i = 0; i < inputs.size(); i++) {
            String field = "datasets[" + i + "].";
            Dataset dataset = inputs.get(i).dataset();
            Names.atMost(field + "dataset.name", dataset.name(), NAME_MAX);
            Names.atMost(field + "dataset.digest", dataset.digest(), DIGEST_MAX);
            Names.atMost(field + "dataset.source", dataset.source(), SOURCE_MAX);
            if (dataset.schema() != null) {
                Names.atMost(field + "dataset.schema", dataset.schema(), SCHEMA_MAX);
            }
            if (dataset.profile() != null) {
                Names.atMost(field + "dataset.profile", dataset.profile(), PROFILE_MAX);
            }
            for (KeyValue tag : inputs.get(i).tags()) {
                Names.atMost(field + "tags.key", tag.key(), TAG_KEY_MAX);
                Names.atMost(field + "tags.value", tag.value(), TAG_VALUE_MAX);
            }
        }
    }

    /** The first mention of a dataset in an experiment counts, and the first use of it in a run. */
    static void insert(Transaction tx, long experiment, long run, List<DatasetInput> inputs) {
        for (DatasetInput input : inputs) {
            long dataset = number(tx, experiment, input.dataset());
            int added = tx.sql()
                    .createUpdate("insert into run_input (run, dataset, position) values (:run, :dataset,"
                            + " (select count(*) from run_input where run = :run)) on conflict do nothing")
                    .bind("run", run)
                    .bind("dataset", dataset)
                    .execute();
            for (KeyValue tag : added == 0 ? List.<KeyValue>of() : input.tags()) {
                tx.sql()
                        .createUpdate(
                                "insert into run_input_tag (run, dataset, key, value) values (:run, :dataset, :key, :value)"
                                        + " on conflict do nothing")
                        .bind("run", run)
                        .bind("dataset", dataset)
                        .bind("key", tag.key())
                        .bind("value", tag.value())
                        .execute();
            }
        }
    }

    private static long number(Transaction tx, long experiment, Dataset dataset) {
        tx.sql()
                .createUpdate(
                        "insert into tracked_dataset (number, experiment, name, digest, source_type, source, schema, profile)"
                                + " values ((select coalesce(max(number), 0) + 1 from tracked_dataset), :experiment, :name, :digest, :type,"
                                + " :source, :schema, :profile) on conflict (experiment, name, digest) do nothing")
                .bind("experiment", experiment)
                .bind("name", dataset.name())
                .bind("digest", dataset.digest())
                .bind("type", dataset.sourceType())
                .bind("source", dataset.source())
                .bind("schema", dataset.schema())
                .bind("profile", dataset.profile())
                .execute();
        return tx.sql()
                .createQuery(
                        "select number from tracked_dataset where experiment = :experiment and name = :name and digest = :digest")
                .bind("experiment", experiment)
                .bind("name", dataset.name())
                .bind("digest", dataset.digest())
                .mapTo(Long.class)
                .one();
    }

    private record Use(long run, long dataset) {}

    static Map<Long, List<DatasetInput>> read(Handle sql, List<Long> runs) {
        Map<Long, List<DatasetInput>> result = new HashMap<>();
        Map<Use, List<KeyValue>> tags = new HashMap<>();
        RowsOf.each(
                sql,
                "select run, dataset, key, value from run_input_tag where run in (",
                runs,
                ") order by run, dataset, key",
                row -> tags.computeIfAbsent(new Use(row.getLong(1), row.getLong(2)), use -> new ArrayList<>())
                        .add(new KeyValue(row.getString(3), row.getString(4))));
        RowsOf.each(
                sql,
                "select i.run, i.dataset, d.name, d.digest, d.source_type, d.source, d.schema, d.profile from run_input i"
                        + " join tracked_dataset d on d.number = i.dataset where i.run in (",
                runs,
                ") order by i.run, i.position",
                row -> {
                    Use use = new Use(row.getLong(1), row.getLong(2));
                    result.computeIfAbsent(use.run(), run -> new ArrayList<>())
                            .add(new DatasetInput(
                                    new Dataset(
                                            row.getString(3),
                                            row.getString(4),
                                            row.getString(5),
                                            row.getString(6),
                                            row.getString(7),
                                            row.getString(8)),
                                    tags.getOrDefault(use, List.of())));
                });
        return result;
    }
}
