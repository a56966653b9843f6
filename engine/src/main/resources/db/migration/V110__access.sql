create table account (
    id ${int} not null primary key,
    name text not null unique,
    kind text not null,
    password text,
    administrator ${int} not null,
    disabled ${int} not null,
    default_project text not null,
    revision ${int} not null,
    created_at ${int} not null
)${strict};

-- Secrets are SHA-256: they have 256 random bits.
create table account_token (
    id text not null primary key,
    account ${int} not null,
    kind text not null,
    name text not null,
    secret text not null,
    project text,
    role text,
    created_at ${int} not null,
    expires_at ${int} not null,
    used_at ${int},
    revoked_at ${int}
)${strict};

create index account_token_by_account on account_token (account, created_at);

create table account_session (
    secret text not null primary key,
    account ${int} not null,
    revision ${int} not null,
    created_at ${int} not null,
    seen_at ${int} not null
)${clustered};

create table project (
    name text not null primary key,
    description text not null,
    artifact_location text not null,
    created_at ${int} not null
)${strict};

insert into project (name, description, artifact_location, created_at) values ('default', '', '', 0);

create table project_member (
    project text not null,
    account ${int} not null,
    role text not null,
    primary key (project, account, role)
)${clustered};

-- A permission of one account on one object; kind is experiment or model, a model is named PROJECT/NAME.
create table object_grant (
    account ${int} not null,
    kind text not null,
    object text not null,
    permission text not null,
    primary key (account, kind, object)
)${clustered};

create index object_grant_by_object on object_grant (kind, object);

-- The one-time address of the first administrator.
create table setup_secret (
    secret text not null primary key,
    expires_at ${int} not null
)${clustered};

-- Names of models that a lifecycle file made outside the default project.
create table model_project (
    model text not null primary key,
    project text not null
)${clustered};
