create table model_version (
    model text not null,
    number ${int} not null,
    created_at ${int} not null,
    event_time ${int} not null,
    source text not null,
    manifest text not null,
    file text not null,
    lifecycle text not null,
    snapshot text,
    run text,
    trained_until ${int},
    state text not null,
    metrics text not null,
    primary key (model, number)
)${strict};

create table model_alias (
    model text not null,
    alias text not null,
    number ${int} not null,
    set_at ${int} not null,
    primary key (model, alias)
)${strict};

create table version_evidence (
    model text not null,
    number ${int} not null,
    kind text not null,
    at ${int} not null,
    body text not null,
    primary key (model, number, kind)
)${strict};
