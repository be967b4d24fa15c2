-- Resumes against jobs. Neither the resumes nor the jobs are stored, only what was made of them.

-- Topic resume.requests.v1: one row per resume of a task.
CREATE TABLE resume_items (
    task_id       text        NOT NULL,
    item_index    integer     NOT NULL,
    tenant        text        NOT NULL,
    candidate_id  text        NOT NULL,
    job_id        text        NOT NULL,
    job_version   integer     NOT NULL,
    item_count    integer     NOT NULL,
    requested_at  timestamptz NOT NULL,
    PRIMARY KEY (task_id, item_index)
);

-- Topic resume.results.v1. A request and its result may arrive in any order.
CREATE TABLE optimizations (
    task_id             text        NOT NULL,
    item_index          integer     NOT NULL,
    tenant              text        NOT NULL,
    candidate_id        text        NOT NULL,
    job_id              text        NOT NULL,
    job_version         integer     NOT NULL,
    item_count          integer     NOT NULL,
    status              text        NOT NULL CHECK (status IN ('done', 'failed')),
    score               real        NOT NULL,
    summary             text        NOT NULL,
    optimized_text      text        NOT NULL,
    evidence            jsonb       NOT NULL,
    missing             jsonb       NOT NULL,
    error               text        NOT NULL,
    from_cache          boolean     NOT NULL,
    engine              text        NOT NULL,
    prompt_version      text        NOT NULL,
    needs_human_review  boolean     NOT NULL,
    review_reason       text        NOT NULL,
    cost_usd            real        NOT NULL,
    created_at          timestamptz NOT NULL,
    PRIMARY KEY (task_id, item_index)
);
CREATE INDEX idx_optimizations_job_id ON optimizations (job_id);
CREATE INDEX idx_optimizations_status ON optimizations (status);
CREATE INDEX idx_optimizations_created ON optimizations (created_at);

-- Results that may be given again, for 7 days or until the job changes: the newest per candidate and job.
CREATE TABLE resume_cache (
    tenant        text        NOT NULL,
    job_id        text        NOT NULL,
    candidate_id  text        NOT NULL,
    job_version   integer     NOT NULL,
    content_hash  text        NOT NULL,
    result        bytea       NOT NULL,
    expires_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant, job_id, candidate_id)
);
CREATE INDEX resume_cache_expires ON resume_cache (expires_at);
