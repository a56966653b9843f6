-- The newest moment of a run, when its values wait there to be copied to the latest values, and a digest of their names: a moment that
-- is followed by one with the same names never has to be copied. Null when nothing waits.
alter table run_metric_unranked add column step ${int};
alter table run_metric_unranked add column at ${int};
alter table run_metric_unranked add column keys ${int};
