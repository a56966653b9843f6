-- versions that a scorer does not serve since their environments are not on its machine, a JSON list; null from one that says nothing
alter table scorer add column environments text;

-- how a version that has MLflow's files alone is made ready to score, in JSON; null when it is ready. Project is that of a registered
-- model. Admission is what was found when it was looked at; settled the newest attempt whose end was written down
alter table scoring_job add column preparation text;
alter table scoring_job add column project text;
alter table scoring_job add column admission text;
alter table scoring_job add column settled ${int};
