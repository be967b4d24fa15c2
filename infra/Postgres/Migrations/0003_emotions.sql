-- The emotion series: one row per analysed frame, faces or none. captured_at is the record's own event time, the same whenever
-- the record is written again, so the partition key does not weaken the key (session_id, sequence).
CREATE TABLE emotion_observations (
    session_id      text        NOT NULL,
    sequence        bigint      NOT NULL,
    captured_at     timestamptz NOT NULL,
    tenant          text        NOT NULL,
    question_index  integer     NOT NULL,
    face_count      integer     NOT NULL,
    face_left real, face_top real, face_width real, face_height real, face_confidence real,
    angry real, disgust real, fear real, happy real, sad real, surprise real, neutral real,
    dominant        text        NOT NULL,
    eye_openness    real        NOT NULL,
    eyes_closed     boolean     NOT NULL,
    model_version   text        NOT NULL,
    analysed_at     timestamptz NOT NULL,
    PRIMARY KEY (session_id, sequence, captured_at)
) PARTITION BY RANGE (captured_at);

CREATE TABLE emotion_observations_other PARTITION OF emotion_observations DEFAULT;

-- Topic analysis.emotion-windows.v1.
CREATE TABLE emotion_windows (
    session_id        text        NOT NULL,
    start_at          timestamptz NOT NULL,
    end_at            timestamptz NOT NULL,
    tenant            text        NOT NULL,
    frames_analysed   integer     NOT NULL,
    frames_with_face  integer     NOT NULL,
    face_ratio        real        NOT NULL,
    angry real, disgust real, fear real, happy real, sad real, surprise real, neutral real,
    dominant          text        NOT NULL,
    blinks            integer     NOT NULL,
    first_sequence    bigint      NOT NULL,
    last_sequence     bigint      NOT NULL,
    PRIMARY KEY (session_id, start_at)
);
