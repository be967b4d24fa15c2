-- The sound of answers: which part of which answer an object holds (docs/stores.md).
ALTER TABLE media_objects
    ADD COLUMN question_index integer, -- of kind answer only, as all below
    ADD COLUMN first_sequence bigint,  -- audio chunks of the session, from
    ADD COLUMN last_sequence  bigint,  -- to
    ADD COLUMN duration_ms    bigint;
