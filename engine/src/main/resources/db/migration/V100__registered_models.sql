-- What every model and version of the registry has, whoever made it. What only the loop knows of its own versions stays in model_version.
-- The ref names a model in model_alias, model_version and version_evidence: its name in the default project, elsewhere project:name.
create table registered_model (
    id ${int} not null primary key,
    project text not null default 'default',
    name text not null,
    ref text not null unique,
    description text,
    user_id text not null,
    created_at ${int} not null,
    updated_at ${int} not null,
    last_number ${int} not null,
    in_loop ${int} not null,
    replayed ${int} not null,
    unique (project, name)
)${strict};

create table registered_model_tag (
    model ${int} not null,
    key text not null,
    value text not null,
    primary key (model, key)
)${clustered};

create table registered_version (
    model ${int} not null,
    number ${int} not null,
    created_at ${int} not null,
    updated_at ${int} not null,
    user_id text not null,
    description text,
    source text not null,
    storage text,
    run text,
    run_link text,
    logged_model text,
    stage text not null,
    status text not null,
    status_message text,
    manifest text,
    primary key (model, number)
)${strict};

create index registered_version_newest on registered_version (updated_at desc);
create index registered_version_by_run on registered_version (run);
create index registered_version_by_logged_model on registered_version (logged_model);

create table registered_version_tag (
    model ${int} not null,
    number ${int} not null,
    key text not null,
    value text not null,
    primary key (model, number, key)
)${clustered};

insert into registered_model (id, project, name, ref, description, user_id, created_at, updated_at, last_number, in_loop, replayed)
select row_number() over (order by model), 'default', model, model, null, 'perennial', min(at), max(at), max(number), 1,
    max(case when model like '%@%' then 1 else 0 end)
from (
    select model, created_at as at, number from model_version
    union all
    select model, applied_at, 0 from lifecycle
) known
group by model;

insert into registered_version (model, number, created_at, updated_at, user_id, source, run, stage, status)
select m.id, v.number, v.created_at, v.created_at, 'perennial', 'perennial:/' || v.model || '/' || v.number, v.run, 'None', 'READY'
from model_version v join registered_model m on m.ref = v.model;
