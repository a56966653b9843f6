-- Notes of backups that the ledger has been told of, so that a server that dies between the two tells none twice.
create table told_backup (
    note text not null primary key,
    at ${int} not null
)${strict};
