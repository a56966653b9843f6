alter table endpoint add column rollout text;

alter table fuse_report add column rollout text;

create table rollout (
    id text not null primary key,
    model text not null,
    number ${int} not null,
    champion ${int} not null,
    plan text not null,
    phase text not null,
    started_at ${int} not null,
    ended_at ${int}
)${strict};

create index rollout_by_model on rollout (model, started_at);

create table rollout_look (
    rollout text not null,
    at ${int} not null,
    body text not null,
    primary key (rollout, at)
)${strict};

create table rollout_transition (
    rollout text not null,
    number ${int} not null,
    decision text not null,
    primary key (rollout, number)
)${strict};
