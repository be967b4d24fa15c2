-- runs: concurrently
CREATE INDEX CONCURRENTLY idx_candidates_status ON candidates (status);
CREATE INDEX CONCURRENTLY idx_sessions_created_at ON interview_sessions (created_at, session_id COLLATE "C");
CREATE INDEX CONCURRENTLY idx_sessions_status ON interview_sessions (status, created_at);
CREATE INDEX CONCURRENTLY idx_sessions_user_id ON interview_sessions (candidate_id, created_at);
-- Rows arrive in the order of their time: a few kilobytes find the pages of a day.
CREATE INDEX CONCURRENTLY idx_emotion_timestamp ON emotion_observations USING brin (captured_at);
CREATE INDEX CONCURRENTLY audit_events_tenant ON audit_events (tenant, at);
