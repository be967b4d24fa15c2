-- What a score rests on, and which of several is in force: the highest revision.
ALTER TABLE scores
    ADD COLUMN prompt_version text    NOT NULL DEFAULT '',
    ADD COLUMN model          text    NOT NULL DEFAULT '',
    ADD COLUMN cost_usd       real    NOT NULL DEFAULT 0,
    ADD COLUMN flags          jsonb   NOT NULL DEFAULT '[]',
    ADD COLUMN revision       integer NOT NULL DEFAULT 0;

-- The review queue: one row per scored answer, of the score in force. What the score says lies in scores.
CREATE TABLE score_reviews (
    answer_id               text        PRIMARY KEY,
    session_id              text        NOT NULL,
    tenant                  text        NOT NULL,
    state                   text        NOT NULL CHECK (state IN ('open', 'decided', 'none')),
    revision                integer     NOT NULL,
    opened_at               timestamptz NOT NULL,
    reviewer                text        NOT NULL,
    decision                text        NOT NULL,
    decided_at              timestamptz,
    previous_technical      real        NOT NULL,
    previous_communication  real        NOT NULL,
    previous_engine         text        NOT NULL
);
CREATE INDEX score_reviews_queue ON score_reviews (state, opened_at, answer_id);
CREATE INDEX score_reviews_session ON score_reviews (session_id);

INSERT INTO score_reviews
SELECT answer_id, session_id, tenant, CASE WHEN needs_human_review THEN 'open' ELSE 'none' END, 0, scored_at, '', '', NULL, 0, 0, '' FROM scores;
