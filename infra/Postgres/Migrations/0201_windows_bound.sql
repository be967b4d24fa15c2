-- First of three steps that put emotion_windows into monthly partitions without copying it: the rows of now become the partition of everything
-- before a bound. Not valid yet: the lock is held for a moment only.
DO $$
DECLARE
    newest timestamptz;
BEGIN
    SELECT greatest(max(start_at), now()) INTO newest FROM emotion_windows;
    EXECUTE format('ALTER TABLE emotion_windows ADD CONSTRAINT emotion_windows_before_bound CHECK (start_at < %L) NOT VALID',
        to_char(date_trunc('month', coalesce(newest, now()) AT TIME ZONE 'UTC') + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
END $$;
