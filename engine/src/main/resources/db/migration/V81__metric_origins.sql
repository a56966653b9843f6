-- For which logged model and on which dataset a value was measured, where a client says so. Empty texts are absent.
create table run_metric_origin (
    run ${int} not null,
    step ${int} not null,
    at ${int} not null,
    key text not null,
    value ${real} not null,
    value_nan ${int} not null,
    model_id text not null,
    dataset_name text not null,
    dataset_digest text not null,
    primary key (run, step, at, key, value, value_nan, model_id, dataset_name, dataset_digest)
)${clustered};
