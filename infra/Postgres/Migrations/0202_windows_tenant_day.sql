-- Windows of a tenant and day. COLLATE "C": sessions in the order of their code points, on every server and store.
CREATE INDEX IF NOT EXISTS emotion_windows_before_tenant ON emotion_windows (tenant, start_at, session_id COLLATE "C");
