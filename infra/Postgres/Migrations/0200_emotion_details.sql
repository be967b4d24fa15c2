-- What a frame's result must be read with: the rest of EmotionObserved. Constant defaults: no row is rewritten.
ALTER TABLE emotion_observations
    ADD COLUMN quality            integer NOT NULL DEFAULT 0,      -- bit n: FrameQuality n
    ADD COLUMN extra_faces        integer NOT NULL DEFAULT 0,
    ADD COLUMN track              integer NOT NULL DEFAULT 0,
    ADD COLUMN emotion_unreliable boolean NOT NULL DEFAULT false,
    ADD COLUMN closure_began      boolean NOT NULL DEFAULT false,
    ADD COLUMN yaw_degrees        real    NOT NULL DEFAULT 0,
    ADD COLUMN luminance          real    NOT NULL DEFAULT 0,
    ADD COLUMN sharpness          real    NOT NULL DEFAULT 0,
    ADD COLUMN sampling_level     integer NOT NULL DEFAULT 0,
    ADD COLUMN not_computed       integer NOT NULL DEFAULT 0;      -- 1 emotion, 2 presence of faces, 4 blinks: denied, see docs/emotion.md
