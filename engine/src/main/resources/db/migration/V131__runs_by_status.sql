-- The newest failed or running runs of an experiment: one status is rare among many runs.
create index tracked_run_by_status on tracked_run
    (experiment, stage, status, (coalesce(started_at, -9223372036854775807)) desc, id${by_character});
