alter table replay add column result text;
