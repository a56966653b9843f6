-- Which of several servers on this database turns the loop. The lock of its connection decides; the row says who it is.
create table leader (
    one ${int} not null primary key check (one = 1),
    epoch ${int} not null,
    url text not null,
    since ${int} not null
)${strict};

insert into leader (one, epoch, url, since) values (1, 0, '', 0);
