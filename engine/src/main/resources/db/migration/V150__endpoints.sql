-- an endpoint has a name of its own: that of its model where a lifecycle file made it
alter table endpoint rename column model to name;
alter table endpoint add column origin text not null default 'lifecycle';
-- null: that of its model
alter table endpoint add column project text;
alter table endpoint add column settings text not null default '{}';
alter table endpoint add column is_default ${int} not null default 0;
alter table endpoint add column edition ${int} not null default 1;
alter table endpoint add column created_at ${int};
alter table endpoint add column created_by text;
-- the champion before the present one, of an endpoint without a lifecycle file
alter table endpoint add column previous text;
-- its log stays, and so does its name in its project
alter table endpoint add column deleted_at ${int};

create table endpoint_variant (
    endpoint text not null,
    version text not null,
    role text not null,
    weight ${int} not null,
    manifest text not null,
    file text not null,
    environment text,
    warm_since ${int},
    load text not null,
    resources text,
    primary key (endpoint, version)
)${strict};

insert into endpoint_variant (endpoint, version, role, weight, manifest, file, warm_since, load)
    select model, model || '/' || number, role, weight, manifest, file, warm_since, 'eager' from variant;

drop table variant;
