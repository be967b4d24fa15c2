-- People and interviews. Every key is deterministic, so that writing a record twice changes nothing.
-- No foreign keys between tables filled from different topics: their records arrive in any order.

CREATE TABLE tenants (
    tenant      text        PRIMARY KEY,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (
    tenant      text        NOT NULL,
    user_id     text        NOT NULL,
    email       text        NOT NULL,
    role        text        NOT NULL CHECK (role IN ('admin', 'recruiter', 'reviewer')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, user_id),
    UNIQUE (tenant, email)
);

CREATE TABLE candidates (
    tenant        text        NOT NULL,
    candidate_id  text        NOT NULL,
    name          text        NOT NULL,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant, candidate_id)
);

-- Topic interview.sessions.v1. created_at never changes in a session's life, so (session_id, created_at) is as unique as session_id.
CREATE TABLE interview_sessions (
    session_id           text        NOT NULL,
    tenant               text        NOT NULL,
    candidate_id         text        NOT NULL,
    candidate_name       text        NOT NULL,
    position             text        NOT NULL,
    jurisdiction         text        NOT NULL,
    consent_video_emotion        boolean NOT NULL,
    consent_face_presence        boolean NOT NULL,
    consent_blink                boolean NOT NULL,
    consent_audio_transcription  boolean NOT NULL,
    consent_given_at     timestamptz,
    status               text        NOT NULL,
    degradation_level    integer     NOT NULL,
    question_index       integer     NOT NULL,
    question_count       integer     NOT NULL,
    questions            jsonb       NOT NULL,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    PRIMARY KEY (session_id, created_at)
) PARTITION BY RANGE (created_at);

CREATE INDEX interview_sessions_newest ON interview_sessions (created_at DESC);
CREATE INDEX interview_sessions_tenant ON interview_sessions (tenant, created_at DESC);

-- Times no month is made for (see ensure_month_partition): nothing is refused, and a wrong clock makes no tables.
CREATE TABLE interview_sessions_other PARTITION OF interview_sessions DEFAULT;

-- Makes the partition PARENT_yyyy_mm that holds the time, when it is missing. Concurrent callers take turns.
CREATE FUNCTION ensure_month_partition(parent text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first_day date := date_trunc('month', at AT TIME ZONE 'UTC')::date;
    child text := parent || '_' || to_char(first_day, 'YYYY_MM');
BEGIN
    IF first_day < DATE '2020-01-01' OR first_day >= DATE '2100-01-01' OR to_regclass(child) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', child, parent,
        first_day::text || ' 00:00:00+00', (first_day + interval '1 month')::date::text || ' 00:00:00+00');
EXCEPTION WHEN duplicate_table OR unique_violation THEN
    NULL; -- another writer has just made it
END $$;

-- Topic interview.events.v1.
CREATE TABLE session_events (
    session_id  text        NOT NULL,
    event_id    text        NOT NULL,
    tenant      text        NOT NULL,
    at          timestamptz NOT NULL,
    kind        text        NOT NULL,
    detail      jsonb       NOT NULL,
    PRIMARY KEY (session_id, event_id)
);

-- Topic interview.answers.v1.
CREATE TABLE answers (
    answer_id       text        PRIMARY KEY,
    session_id      text        NOT NULL,
    tenant          text        NOT NULL,
    question_index  integer     NOT NULL,
    question_id     text        NOT NULL,
    question_text   text        NOT NULL,
    kind            text        NOT NULL,
    text            text        NOT NULL,
    audio_chunks    bigint      NOT NULL,
    started_at      timestamptz NOT NULL,
    submitted_at    timestamptz NOT NULL
);
CREATE INDEX answers_session ON answers (session_id);

CREATE TABLE audit_events (
    audit_id    text        PRIMARY KEY,
    tenant      text        NOT NULL,
    session_id  text        NOT NULL,
    actor       text        NOT NULL,
    action      text        NOT NULL,
    reason      text        NOT NULL,
    at          timestamptz NOT NULL
);
CREATE INDEX audit_events_session ON audit_events (session_id);
