-- Names are unique in their project, so the table is made anew.
create table experiment_of_project (
    id ${int} not null primary key,
    project text not null default 'default',
    name text not null,
    artifact_location text not null,
    stage text not null,
    created_at ${int} not null,
    updated_at ${int} not null,
    unique (project, name)
)${strict};

insert into experiment_of_project (id, project, name, artifact_location, stage, created_at, updated_at)
    select id, 'default', name, artifact_location, stage, created_at, updated_at from experiment;
drop table experiment;
alter table experiment_of_project rename to experiment;

-- Finds the owner of an artifact path.
create index experiment_by_location on experiment (artifact_location);
