create table counter (
    name text not null primary key,
    value ${int} not null
)${strict};

insert into counter (name, value) values ('event', 0);
insert into counter (name, value) values ('serving', 1);
insert into counter (name, value) values ('flush', 0);

create table event (
    seq ${int} not null primary key,
    at ${int} not null,
    recorded_at ${int} not null,
    model text not null,
    kind text not null,
    title text not null,
    text text not null,
    ref text
)${strict};

create index event_by_model on event (model, seq);

create table lifecycle (
    model text not null primary key,
    revision ${int} not null,
    digest text not null,
    folder text not null,
    source_text text not null,
    applied_at ${int} not null,
    clock_mode text not null,
    clock ${int} not null
)${strict};

create table lifecycle_body (
    digest text not null primary key,
    body text not null
)${strict};

create table loop_state (
    model text not null primary key,
    version ${int} not null,
    body text not null
)${strict};

create table decision (
    id text not null primary key,
    model text not null,
    at ${int} not null,
    recorded_at ${int} not null,
    kind text not null,
    verdict text not null,
    number ${int},
    title text not null,
    text text not null,
    evidence text not null,
    entry text,
    injected ${int} not null
)${strict};

create index decision_by_model on decision (model, id);

create table candidate_request (
    id text not null primary key,
    model text not null,
    requested_at ${int} not null,
    state text not null,
    body text not null
)${strict};

create table replay (
    name text not null primary key,
    model text not null,
    state text not null,
    body text not null,
    clock ${int} not null,
    released ${int} not null,
    error text
)${strict};

create table snapshot_parts (
    model text not null,
    features text not null,
    body text not null,
    primary key (model, features)
)${strict};
