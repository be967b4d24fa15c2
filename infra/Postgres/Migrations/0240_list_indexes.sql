-- What the pages list, newest first: decided reviews, and transcripts whatever their state.
CREATE INDEX score_reviews_decided ON score_reviews (state, decided_at DESC, answer_id);
CREATE INDEX transcripts_newest ON transcripts (completed_at DESC, answer_id);
