-- Transcripts that a person should correct, their corrections, and how the answer was spoken.
ALTER TABLE transcripts
    ADD COLUMN needs_correction  boolean NOT NULL DEFAULT false,
    ADD COLUMN revision          integer NOT NULL DEFAULT 0,
    ADD COLUMN corrected_by      text    NOT NULL DEFAULT '',
    ADD COLUMN correction_reason text    NOT NULL DEFAULT '',
    ADD COLUMN question          jsonb   NOT NULL DEFAULT '{}',
    ADD COLUMN onset_ms          bigint  NOT NULL DEFAULT 0,
    ADD COLUMN pauses            integer NOT NULL DEFAULT 0,
    ADD COLUMN longest_pause_ms  bigint  NOT NULL DEFAULT 0,
    ADD COLUMN words             integer NOT NULL DEFAULT 0,
    ADD COLUMN words_per_minute  real    NOT NULL DEFAULT 0;
CREATE INDEX transcripts_to_correct ON transcripts (completed_at DESC) WHERE needs_correction;

-- Every revision's text: what was heard stays beside what a person made of it.
CREATE TABLE transcript_revisions (
    answer_id          text        NOT NULL,
    revision           integer     NOT NULL,
    session_id         text        NOT NULL,
    tenant             text        NOT NULL,
    text               text        NOT NULL,
    confidence         real        NOT NULL,
    engine             text        NOT NULL,
    corrected_by       text        NOT NULL,
    correction_reason  text        NOT NULL,
    PRIMARY KEY (answer_id, revision)
);
CREATE INDEX transcript_revisions_session ON transcript_revisions (session_id);
