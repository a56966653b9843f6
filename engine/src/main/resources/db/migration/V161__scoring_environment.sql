alter table scoring_job add column environment text;
