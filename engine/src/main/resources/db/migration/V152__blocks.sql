create table block_tally (
    endpoint text not null,
    minute ${int} not null,
    version text not null,
    part text not null,
    body text not null,
    primary key (endpoint, minute, version, part)
)${strict};

create index block_tally_by_minute on block_tally (minute);

alter table rollout add column candidate text;

alter table rollout add column replaces text;

alter table rollout add column state text;

alter table rollout add column learnt text;

alter table rollout add column edition ${int};
