-- When a window's row was first written: the end of capture to window.
ALTER TABLE emotion_windows ADD COLUMN stored_at timestamptz NOT NULL DEFAULT now();
