-- runs: concurrently
-- The scan that validates keeps no writer waiting. COLLATE "C": sessions in the order of their code points, on every server and store.
ALTER TABLE emotion_windows VALIDATE CONSTRAINT emotion_windows_before_bound;
CREATE INDEX CONCURRENTLY emotion_windows_before_tenant ON emotion_windows (tenant, start_at, session_id COLLATE "C");
