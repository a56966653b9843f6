create table experiment (
    id ${int} not null primary key,
    name text not null unique,
    artifact_location text not null,
    stage text not null,
    created_at ${int} not null,
    updated_at ${int} not null
)${strict};

create table experiment_tag (
    experiment ${int} not null,
    key text not null,
    value text not null,
    primary key (experiment, key)
)${clustered};

create table tracked_run (
    number ${int} not null primary key,
    id text not null unique,
    experiment ${int} not null,
    name text not null,
    user_id text not null,
    status text not null,
    started_at ${int},
    ended_at ${int},
    artifact_uri text not null,
    stage text not null,
    deleted_with_experiment ${int} not null
)${strict};

create index tracked_run_by_start on tracked_run (experiment, started_at);

create table run_param (
    run ${int} not null,
    key text not null,
    value text not null,
    primary key (run, key)
)${clustered};

create table run_tag (
    run ${int} not null,
    key text not null,
    value text not null,
    primary key (run, key)
)${clustered};

-- In the order in which values come, so that a batch touches few pages however long the history is.
create table run_metric (
    run ${int} not null,
    step ${int} not null,
    at ${int} not null,
    key text not null,
    value ${real} not null,
    value_nan ${int} not null,
    primary key (run, step, at, key, value, value_nan)
)${clustered};

-- The greatest of each metric by step, time and value.
create table run_metric_latest (
    run ${int} not null,
    key text not null,
    step ${int} not null,
    at ${int} not null,
    value ${real} not null,
    value_nan ${int} not null,
    primary key (run, key)
)${clustered};

create table tracked_dataset (
    number ${int} not null primary key,
    experiment ${int} not null,
    name text not null,
    digest text not null,
    source_type text not null,
    source text not null,
    schema text,
    profile text,
    unique (experiment, name, digest)
)${strict};

create table run_input (
    run ${int} not null,
    dataset ${int} not null,
    position ${int} not null,
    primary key (run, dataset)
)${clustered};

create table run_input_tag (
    run ${int} not null,
    dataset ${int} not null,
    key text not null,
    value text not null,
    primary key (run, dataset, key)
)${clustered};

-- Directories have no blob.
create table artifact (
    parent text not null,
    name text not null,
    blob text,
    size ${int},
    primary key (parent, name)
)${clustered};
