-- The highest experiment that is gone for good, so that its number is not used again.
create table purged_experiment (
    id ${int} not null primary key
)${strict};
