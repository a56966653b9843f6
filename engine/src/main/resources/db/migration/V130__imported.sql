-- What was taken from another tracking server, so that an import that was cut off goes on, and a second one changes nothing.
create table imported (
    source text not null,
    kind text not null,
    id text not null,
    complete ${int} not null,
    primary key (source, kind, id)
)${clustered};
