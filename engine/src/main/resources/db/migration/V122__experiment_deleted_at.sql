-- The table of experiments was made anew by 111, on some databases after 120 had given it this column. A put-away experiment does not
-- change, so it was put away when it was changed last.
create table experiment_with_time (
    id ${int} not null primary key,
    project text not null default 'default',
    name text not null,
    artifact_location text not null,
    stage text not null,
    created_at ${int} not null,
    updated_at ${int} not null,
    deleted_at ${int},
    unique (project, name)
)${strict};

insert into experiment_with_time (id, project, name, artifact_location, stage, created_at, updated_at, deleted_at)
    select id, project, name, artifact_location, stage, created_at, updated_at,
        case when stage = 'deleted' then updated_at end
    from experiment;
drop table experiment;
alter table experiment_with_time rename to experiment;

create index experiment_by_location on experiment (artifact_location);
