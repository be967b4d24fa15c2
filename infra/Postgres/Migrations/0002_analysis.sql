-- What the processors conclude. Keys are those of the topics' records.

-- Topic analysis.transcripts.v1: TranscriptCompleted and TranscriptSegment.
CREATE TABLE transcripts (
    answer_id       text        PRIMARY KEY,
    session_id      text        NOT NULL,
    tenant          text        NOT NULL,
    question_index  integer     NOT NULL,
    text            text        NOT NULL,
    confidence      real        NOT NULL,
    engine          text        NOT NULL,
    speech_ms       bigint      NOT NULL,
    audio_ms        bigint      NOT NULL,
    segments        integer     NOT NULL,
    completed_at    timestamptz NOT NULL
);
CREATE INDEX transcripts_session ON transcripts (session_id);

CREATE TABLE transcript_segments (
    segment_id      text    PRIMARY KEY,
    session_id      text    NOT NULL,
    tenant          text    NOT NULL,
    question_index  integer NOT NULL,
    segment_index   integer NOT NULL,
    start_ms        bigint  NOT NULL,
    end_ms          bigint  NOT NULL,
    text            text    NOT NULL,
    confidence      real    NOT NULL,
    engine          text    NOT NULL
);
CREATE INDEX transcript_segments_session ON transcript_segments (session_id);

-- Topic analysis.scores.v1.
CREATE TABLE scores (
    answer_id           text        PRIMARY KEY,
    session_id          text        NOT NULL,
    tenant              text        NOT NULL,
    question_id         text        NOT NULL,
    question_index      integer     NOT NULL,
    technical           real        NOT NULL,
    communication       real        NOT NULL,
    feedback            text        NOT NULL,
    evidence            jsonb       NOT NULL,
    engine              text        NOT NULL,
    rubric_version      text        NOT NULL,
    needs_human_review  boolean     NOT NULL,
    review_reason       text        NOT NULL,
    scored_at           timestamptz NOT NULL
);
CREATE INDEX scores_session ON scores (session_id);

-- Topic interview.reports.v1. The mean emotion is absent when no frame had a face.
CREATE TABLE reports (
    session_id            text        PRIMARY KEY,
    tenant                text        NOT NULL,
    candidate_id          text        NOT NULL,
    position              text        NOT NULL,
    overall               real        NOT NULL,
    technical             real        NOT NULL,
    communication         real        NOT NULL,
    emotion               real        NOT NULL,
    behaviour             real        NOT NULL,
    dominant              text        NOT NULL,
    angry real, disgust real, fear real, happy real, sad real, surprise real, neutral real,
    frames_analysed       bigint      NOT NULL,
    frames_with_face      bigint      NOT NULL,
    frames_dead_lettered  bigint      NOT NULL,
    blinks                integer     NOT NULL,
    speech_ms             bigint      NOT NULL,
    audio_ms              bigint      NOT NULL,
    needs_human_review    boolean     NOT NULL,
    notes                 jsonb       NOT NULL,
    started_at            timestamptz NOT NULL,
    completed_at          timestamptz NOT NULL
);
