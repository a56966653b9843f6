-- Durable pipeline engine: what runs, how far it is, and every change of state.
-- No time is 0, no text is ''.

create table pipeline_spec (
  digest text not null primary key,
  name text not null,
  spec text not null,
  created_at ${int} not null
)${strict};

create table pipeline_run (
  id text not null primary key,
  spec text not null references pipeline_spec (digest),
  pipeline text not null,
  subject text not null,
  dedup_key text not null unique,
  parameters text not null,
  cause text not null,
  state text not null,
  version ${int} not null,
  reason text not null,
  detail text not null,
  created_at ${int} not null,
  ended_at ${int} not null
)${strict};

create index pipeline_run_open on pipeline_run (id) where state in ('RUNNING', 'CANCELLING');
create index pipeline_run_subject on pipeline_run (subject, id);

create table pipeline_step (
  run text not null references pipeline_run (id),
  path text not null,
  ordinal ${int} not null,
  kind text not null,
  executor text not null,
  state text not null,
  version ${int} not null,
  deps_open ${int} not null,
  not_before ${int} not null,
  started_at ${int} not null,
  ended_at ${int} not null,
  primary key (run, path)
)${strict};

-- A process that runs the heavy steps of one run. Its name is a function of run and number, so a second launch does no harm.
create table pipeline_worker (
  name text not null primary key,
  run text not null references pipeline_run (id),
  no ${int} not null,
  state text not null,
  version ${int} not null,
  claims ${int} not null,
  launched_at ${int} not null,
  stop_at ${int} not null,
  ended_at ${int} not null,
  exit_code ${int} not null,
  message text not null,
  unique (run, no)
)${strict};

create index pipeline_worker_open on pipeline_worker (run) where state <> 'ENDED';

create table pipeline_attempt (
  run text not null,
  path text not null,
  no ${int} not null,
  fence ${int} not null unique,
  token_hash text not null unique,
  state text not null,
  failure_class text not null,
  executor text not null,
  owner text not null,
  heartbeat_at ${int} not null,
  lease_until ${int} not null,
  started_at ${int} not null,
  ended_at ${int} not null,
  message text not null,
  cpu_millis ${int} not null,
  rss_bytes_max ${int} not null,
  log_from ${int} not null,
  log_to ${int} not null,
  primary key (run, path, no),
  foreign key (run, path) references pipeline_step (run, path)
)${strict};

create index pipeline_attempt_open on pipeline_attempt (owner) where state = 'RUNNING';

-- What a successful step made: a value as JSON, or a file as the digest of its blob.
create table pipeline_output (
  run text not null,
  path text not null,
  kind text not null,
  name text not null,
  content text not null,
  size_bytes ${int} not null,
  primary key (run, path, kind, name),
  foreign key (run, path) references pipeline_step (run, path)
)${strict};

-- One row for each change of state: of the run (path ''), of a step (attempt 0), of an attempt.
create table pipeline_event (
  run text not null references pipeline_run (id),
  seq ${int} not null,
  path text not null,
  attempt ${int} not null,
  from_state text not null,
  to_state text not null,
  at ${int} not null,
  cause text not null,
  primary key (run, seq)
)${strict};
