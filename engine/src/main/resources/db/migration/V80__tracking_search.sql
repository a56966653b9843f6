-- Searches start from here: the newest runs of an experiment, and the runs of one value.
drop index tracked_run_by_start;
create index tracked_run_newest on tracked_run
    (experiment, stage, (coalesce(started_at, -9223372036854775807)) desc, id${by_character});
create index run_param_by_value on run_param (key, substr(value, 1, 100), run);
create index run_tag_by_value on run_tag (key, substr(value, 1, 100), run);

-- The latest values in their order. A log of metrics only notes that its run has to be ranked again; the next search that asks for the
-- order does it, so that intake pays for no index.
create table run_metric_rank (
    run ${int} not null,
    key text not null,
    value ${real} not null,
    value_nan ${int} not null,
    primary key (run, key)
)${clustered};

create index run_metric_rank_by_value on run_metric_rank (key, value_nan, value, run);

create table run_metric_unranked (
    run ${int} not null primary key
)${strict};

insert into run_metric_unranked (run) select distinct run from run_metric_latest;
