-- How many frames of a window were captured and how many of those were skipped under load; before, every frame was analysed.
ALTER TABLE emotion_windows ADD COLUMN frames_captured integer NOT NULL DEFAULT 0, ADD COLUMN frames_skipped integer NOT NULL DEFAULT 0;
UPDATE emotion_windows SET frames_captured = frames_analysed;
