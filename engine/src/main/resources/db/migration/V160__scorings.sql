create table scoring_job (
    id text not null primary key,
    target text not null,
    subject text not null,
    version text not null,
    manifest text not null,
    model_file text not null,
    author text not null,
    name text not null,
    input text,
    digest text,
    format text not null,
    result_format text not null,
    output text,
    force ${int} not null,
    errors_max ${int},
    attempt ${int} not null,
    created_at ${int} not null
)${strict};

create index scoring_job_by_age on scoring_job (created_at);
