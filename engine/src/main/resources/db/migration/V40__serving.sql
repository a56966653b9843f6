create table endpoint (
    model text not null primary key,
    key_columns text not null,
    salt text not null,
    clock_until ${int},
    fuse text not null
)${strict};

create table variant (
    model text not null,
    number ${int} not null,
    role text not null,
    weight ${int} not null,
    manifest text not null,
    file text not null,
    primary key (model, number)
)${strict};

create table scorer (
    id text not null primary key,
    url text not null,
    applied ${int} not null,
    flushed ${int} not null,
    seen_at ${int} not null
)${strict};

create table segment (
    scorer text not null,
    generation text not null,
    number ${int} not null,
    model text not null,
    root text not null,
    blob text not null,
    records ${int} not null,
    first_event ${int} not null,
    last_event ${int} not null,
    received_at ${int} not null,
    primary key (scorer, generation, number)
)${strict};

create index segment_by_event on segment (model, first_event);

create table label_batch (
    model text not null,
    number ${int} not null,
    blob text not null,
    labels ${int} not null,
    first_event ${int} not null,
    last_event ${int} not null,
    received_at ${int} not null,
    primary key (model, number)
)${strict};

create index label_batch_by_event on label_batch (model, first_event);

create table fuse_report (
    model text not null,
    number ${int} not null,
    id text not null,
    reason text not null,
    body text not null,
    reported_at ${int} not null,
    handled ${int} not null,
    primary key (id)
)${strict};
