-- what a token is for alone: one endpoint, or one scorer with its endpoints (a JSON list)
alter table account_token add column endpoint text;
alter table account_token add column scorer text;
alter table account_token add column endpoints text;
