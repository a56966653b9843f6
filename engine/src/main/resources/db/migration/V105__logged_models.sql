-- Models that clients logged; what was deleted has a time and is found no more.
create table logged_model (
    number ${int} not null primary key,
    id text not null unique,
    experiment ${int} not null,
    name text not null,
    type text,
    source_run text,
    artifact_uri text not null,
    status text not null,
    created_at ${int} not null,
    updated_at ${int} not null,
    deleted_at ${int}
)${strict};

create index logged_model_newest on logged_model (experiment, created_at desc, id${by_character});
create index logged_model_by_source on logged_model (source_run);

create table logged_model_param (
    model ${int} not null,
    key text not null,
    value text not null,
    primary key (model, key)
)${clustered};

create table logged_model_tag (
    model ${int} not null,
    key text not null,
    value text not null,
    primary key (model, key)
)${clustered};

-- Of each metric of a model on a dataset the greatest value by step, time and value. Empty texts are absent.
create table logged_model_metric (
    model_id text not null,
    key text not null,
    dataset_name text not null,
    dataset_digest text not null,
    run ${int} not null,
    step ${int} not null,
    at ${int} not null,
    value ${real} not null,
    value_nan ${int} not null,
    primary key (model_id, key, dataset_name, dataset_digest)
)${clustered};

insert into logged_model_metric (model_id, key, dataset_name, dataset_digest, run, step, at, value, value_nan)
select model_id, key, dataset_name, dataset_digest, run, step, at, value, value_nan
from (
    select o.*, row_number() over (
        partition by model_id, key, dataset_name, dataset_digest order by step desc, at desc, value desc, value_nan desc, run) as place
    from run_metric_origin o
    where model_id <> ''
) ranked
where place = 1;

-- Which models a run read and which it made.
create table run_model (
    run ${int} not null,
    role text not null,
    model_id text not null,
    step ${int} not null,
    position ${int} not null,
    primary key (run, role, model_id, step)
)${clustered};
