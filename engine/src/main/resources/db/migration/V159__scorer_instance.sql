-- which of the programs that say this name it was: the name of its spool folder, and the generation of its run; null and 0 from one that
-- says nothing
alter table scorer add column instance text;
alter table scorer add column generation ${int} not null default 0;
