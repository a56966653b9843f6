package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A data directory from before searches had indexes opens, and finds what was logged then. */
class SearchUpgradeTest extends TrackingFixture {
    /** Takes the tables of tracking back to what they were at version 60. */
    private static final List<String> BACK = List.of(
            "drop table run_metric_rank",
            "drop table run_metric_unranked",
            "drop table run_metric_origin",
            "drop index tracked_run_newest",
            "drop index run_param_by_value",
            "drop index run_tag_by_value",
            "create index tracked_run_by_start on tracked_run (experiment, started_at)",
            "delete from flyway_schema_history where cast(version as integer) between 80 and 99 and version <> '90'",
            "delete from flyway_schema_history where version = '132'");

    @Override
    StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }

    @Test
    void whatWasLoggedBeforeIsRankedAndFound() {
        for (int i = 0; i < 3; i++) {
            String run = run("r" + i);
            metrics(run, new Metric("acc", i, 1, 1), new Metric("odd", i % 2 == 1 ? Double.NaN : i, 1, 1));
            pairs(run, Map.of("p", "v" + i), Map.of("t", "v" + i));
        }
        run("without");
        names("", "metrics.acc DESC"); // that version let no values wait
        store.database().writing(tx -> BACK.forEach(statement -> tx.sql().execute(statement)));
        close();
        open();
        assertThat(names("", "metrics.acc DESC")).containsExactly("r2", "r1", "r0", "without");
        assertThat(names("", "metrics.odd ASC")).containsExactly("r0", "r2", "r1", "without");
        assertThat(names("params.p = 'v1'")).containsExactly("r1");
        assertThat(names("tags.t = 'v2' AND metrics.acc > 1")).containsExactly("r2");
        assertThat(store.database()
                        .<Long>read(sql -> sql.createQuery("select count(*) from run_metric_unranked")
                                .mapTo(Long.class)
                                .one()))
                .isZero();
    }
}
