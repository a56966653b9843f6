create table answer_tally (
    scorer text not null,
    generation text not null,
    number ${int} not null,
    model text not null,
    minute ${int} not null,
    version text not null,
    role text not null,
    answered ${int} not null,
    logged ${int} not null,
    errors ${int} not null,
    primary key (scorer, generation, number, minute, version, role)
)${strict};

create index answer_tally_by_minute on answer_tally (model, minute);
