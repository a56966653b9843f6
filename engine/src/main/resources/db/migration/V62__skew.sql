create table skew_day (
    model text not null,
    day text not null,
    at ${int} not null,
    run text not null,
    body text not null,
    primary key (model, day)
)${strict};
