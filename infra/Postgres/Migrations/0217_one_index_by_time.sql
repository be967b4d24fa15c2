-- idx_sessions_created_at serves the same queries, and pages by (created_at, session_id).
DROP INDEX interview_sessions_newest;
