-- What the merged schema still lacked: accounts with a password, questions, consents, provider keys, deliveries, archived partitions.

ALTER TABLE users
    ADD COLUMN name           text        NOT NULL DEFAULT '',
    ADD COLUMN password_hash  text        NOT NULL DEFAULT '',
    ADD COLUMN updated_at     timestamptz NOT NULL DEFAULT now();

-- The questions of a session by position, from its state. A question that is replaced before it is asked is replaced here.
CREATE TABLE questions (
    session_id           text        NOT NULL,
    question_index       integer     NOT NULL,
    tenant               text        NOT NULL,
    question_id          text        NOT NULL,
    text                 text        NOT NULL,
    kind                 text        NOT NULL,
    category             text        NOT NULL, -- the competency asked about
    difficulty           text,                 -- no event says it yet
    expected_duration_s  integer,              -- no event says it yet
    passage              text        NOT NULL,
    key_points           jsonb       NOT NULL,
    follow_up_of         text        NOT NULL,
    source               text        NOT NULL, -- empty: the question bank
    updated_at           timestamptz NOT NULL,
    PRIMARY KEY (session_id, question_index)
);

-- What a candidate agreed to from when on: one row per change, never overwritten by a later one.
CREATE TABLE consents (
    session_id           text        NOT NULL,
    changed_at           timestamptz NOT NULL,
    tenant               text        NOT NULL,
    video_emotion        boolean     NOT NULL,
    face_presence        boolean     NOT NULL,
    blink                boolean     NOT NULL,
    audio_transcription  boolean     NOT NULL,
    PRIMARY KEY (session_id, changed_at)
);

-- Keys of AI providers, for their rotation. Only SHA-256 of a key is kept.
CREATE TABLE api_keys (
    provider      text        NOT NULL,
    key_hash      text        NOT NULL CHECK (key_hash ~ '^[0-9a-f]{64}$'),
    is_active     boolean     NOT NULL DEFAULT true,
    usage_count   bigint      NOT NULL DEFAULT 0,
    last_used_at  timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, key_hash)
);

-- What is sent to other systems, and how far each is.
CREATE TABLE deliveries (
    delivery_id      text        PRIMARY KEY, -- follows from sink and event: enqueuing twice changes nothing
    tenant           text        NOT NULL,
    session_id       text        NOT NULL,
    sink             text        NOT NULL,
    payload          jsonb       NOT NULL,
    state            text        NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts         integer     NOT NULL DEFAULT 0,
    next_attempt_at  timestamptz NOT NULL,
    last_error       text        NOT NULL DEFAULT '',
    created_at       timestamptz NOT NULL,
    ended_at         timestamptz
);
CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE state = 'pending';
CREATE INDEX deliveries_session ON deliveries (session_id);

-- Months that were moved to the object store. One that received late rows and was moved again has several parts.
CREATE TABLE archived_partitions (
    name        text        NOT NULL,
    part        integer     NOT NULL,
    parent      text        NOT NULL,
    range_from  timestamptz NOT NULL,
    range_to    timestamptz NOT NULL,
    state       text        NOT NULL CHECK (state IN ('detached', 'stored', 'archived', 'restored')),
    columns     text[]      NOT NULL,
    rows        bigint      NOT NULL DEFAULT 0,
    object_key  text        NOT NULL DEFAULT '',
    bytes       bigint      NOT NULL DEFAULT 0,
    sha256      text        NOT NULL DEFAULT '', -- of the rows before compression
    changed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, part)
);
