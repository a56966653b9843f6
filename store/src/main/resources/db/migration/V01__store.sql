-- The ledger: one hash chain per stream, all entries leaves of one tree. Rows of ledger_entry are never changed,
-- except that the sealer gives each its leaf index once.
create table ledger_identity (
    one ${int} primary key check (one = 1),
    ledger text not null,
    verifier_key text not null
)${strict};

create table ledger_stream (
    stream text primary key,
    seq ${int} not null,
    head text not null
)${strict};

create table ledger_entry (
    stream text not null,
    seq ${int} not null,
    header ${bytes} not null,
    entry_hash text not null,
    prev_hash text not null,
    commit_hash text not null,
    leaf_index ${int},
    primary key (stream, seq)
)${strict};

create unique index ledger_entry_hash on ledger_entry (entry_hash);
create unique index ledger_entry_leaf on ledger_entry (leaf_index);

-- Salt and bytes may be erased; the commitment in the header stays.
create table ledger_payload (
    entry_hash text primary key,
    salt ${bytes},
    payload ${bytes},
    erased_by text
)${strict};

create table ledger_checkpoint (
    size ${int} primary key,
    root text not null,
    note text not null,
    sealed_at ${int} not null
)${strict};
