-- runs: concurrently
-- A part of an answer is kept once, whoever writes it.
CREATE UNIQUE INDEX CONCURRENTLY media_objects_answer ON media_objects (session_id, first_sequence) WHERE kind = 'answer';
