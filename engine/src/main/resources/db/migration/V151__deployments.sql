create table deployment (
    id text not null primary key,
    endpoint text not null,
    version text not null,
    source text not null,
    plan text not null,
    run text not null,
    state text not null,
    message text not null,
    role text,
    weight ${int} not null,
    manifest text,
    file text,
    environment text,
    admission text,
    deployed_by text not null,
    reason text not null,
    started_at ${int} not null,
    ended_at ${int}
)${strict};

create index deployment_by_endpoint on deployment (endpoint, started_at);
