-- runs: concurrently
-- What the pages list, newest first: decided reviews, and transcripts whatever their state.
CREATE INDEX CONCURRENTLY score_reviews_decided ON score_reviews (state, decided_at DESC, answer_id);
CREATE INDEX CONCURRENTLY transcripts_newest ON transcripts (completed_at DESC, answer_id);
