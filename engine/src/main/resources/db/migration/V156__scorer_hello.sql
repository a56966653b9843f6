-- what a scorer said of itself; null from one that says nothing. Endpoints is a JSON list, null for all
alter table scorer add column protocol ${int};
alter table scorer add column build text;
alter table scorer add column host text;
alter table scorer add column endpoints text;

-- who may ask scorers, as they were told: a digest, so that they are told anew when it changes
create table serving_access (
    one ${int} primary key check (one = 1),
    digest text not null
)${strict};

insert into serving_access (one, digest) values (1, '');
