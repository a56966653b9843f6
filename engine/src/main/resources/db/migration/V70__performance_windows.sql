create table performance_window (
    model text not null,
    days ${int} not null,
    day text not null,
    basis text not null,
    body text not null,
    primary key (model, days, day)
)${strict};
