-- warm versions that somebody unloaded; nobody unloads what takes traffic
create table unloaded_version (
    endpoint text not null,
    version text not null,
    unloaded_by text not null,
    unloaded_at ${int} not null,
    primary key (endpoint, version)
)${strict};
