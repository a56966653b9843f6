create table monitor_reference (
    model text not null primary key,
    anchored_at ${int} not null,
    reference text not null,
    rules text not null
)${strict};

create table day_atom (
    model text not null,
    day text not null,
    body text not null,
    primary key (model, day)
)${strict};

create table source_arrival (
    model text not null,
    source text not null,
    newest ${int} not null,
    injected ${int} not null,
    primary key (model, source)
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
    state text not null,
    opened_at ${int} not null,
    body text not null
)${strict};

create index alert_by_model on alert (model, state);

create table alert_board (
    model text not null primary key,
    body text not null
)${strict};

create table notification (
    id text not null primary key,
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
