-- Sessions stored before. Only the new table is locked, and no writer waits for these rows: the trigger writes of sessions that this statement does not see.
INSERT INTO session_index (session_id, created_at) SELECT session_id, max(created_at) FROM interview_sessions GROUP BY session_id ON CONFLICT DO NOTHING;
