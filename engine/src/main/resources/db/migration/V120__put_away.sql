-- When an experiment or a run was put away. What was put away earlier counts from the upgrade on.
alter table experiment add column deleted_at ${int};
alter table tracked_run add column deleted_at ${int};
update experiment set deleted_at = ${now_millis} where stage = 'deleted';
update tracked_run set deleted_at = ${now_millis} where stage = 'deleted';
create index tracked_run_put_away on tracked_run (deleted_at) where deleted_at is not null;

-- Runs whose row is gone for good and whose points are still being deleted, a piece at a time.
create table purged_run (
    number ${int} not null primary key
)${strict};
