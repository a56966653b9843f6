-- What the tests of backups write.
create table note (
    id text not null primary key,
    blob text
)${strict};
