-- Changes of the registry that webhooks want to hear of, written with the change and taken out once a delivery is noted for each webhook.
create table registry_event (
    seq ${int} not null primary key,
    at ${int} not null,
    entity text not null,
    action text not null,
    project text not null,
    data text not null
)${strict};

insert into counter (name, value) values ('registry_event', 0);
insert into counter (name, value) values ('webhook_position', 0);

create table webhook (
    id text not null primary key,
    project text not null default 'default',
    name text not null,
    description text,
    url text not null,
    secret text,
    status text not null,
    created_at ${int} not null,
    updated_at ${int} not null
)${strict};

create table webhook_wish (
    webhook text not null,
    position ${int} not null,
    entity text not null,
    action text not null,
    primary key (webhook, entity, action)
)${strict};

create table webhook_delivery (
    id text not null primary key,
    webhook text not null,
    entity text not null,
    action text not null,
    body text not null,
    created_at ${int} not null,
    tries ${int} not null,
    next_at ${int},
    delivered_at ${int},
    status ${int},
    error text
)${strict};

create index webhook_delivery_due on webhook_delivery (next_at);
create index webhook_delivery_log on webhook_delivery (webhook, id);
