create table day_atom (
    model text not null,
    day text not null,
    version ${int} not null,
    part text not null,
    body text not null,
    primary key (model, day, version, part)
)${strict};

create table day_result (
    model text not null,
    day text not null,
    revision ${int} not null,
    first_event ${int} not null,
    last_event ${int} not null,
    labels_seen ${int} not null,
    segments_seen ${int} not null,
    closed_at ${int} not null,
    body text not null,
    primary key (model, day)
)${strict};

create table drift_verdict (
    model text not null,
    day text not null,
    body text not null,
    primary key (model, day)
)${strict};

create table alert (
    id text not null primary key,
    model text not null,
    cause text not null,
    state text not null,
    severity text not null,
    opened_at ${int} not null,
    resolved_at ${int},
    title text not null,
    body text not null,
    acknowledged_by text,
    silenced_until ${int},
    injected ${int} not null
)${strict};

create index alert_by_model on alert (model, state);

create table alert_machine (
    model text not null,
    rule text not null,
    body text not null,
    primary key (model, rule)
)${strict};

create table notification (
    id text not null primary key,
    alert text not null,
    kind text not null,
    body text not null,
    created_at ${int} not null,
    delivered_at ${int},
    tries ${int} not null,
    next_at ${int} not null,
    last_error text
)${strict};

create table notification_setting (
    name text not null primary key,
    value text not null
)${strict};
