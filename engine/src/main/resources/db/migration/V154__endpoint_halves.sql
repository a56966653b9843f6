-- Whether the champion's callers are drawn in two halves although a lifecycle file made the endpoint: its latency guard learns from them.
alter table endpoint add column halves ${int} not null default 0;
