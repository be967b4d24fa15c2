-- Last of the three steps: it touches no row.

-- A month may lie in a partition that is not its own (the rows from before 0203): nothing to make then.
CREATE OR REPLACE FUNCTION ensure_month_partition(parent text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first_day date := date_trunc('month', at AT TIME ZONE 'UTC')::date;
    child text := parent || '_' || to_char(first_day, 'YYYY_MM');
BEGIN
    IF first_day < DATE '2020-01-01' OR first_day >= DATE '2100-01-01' OR to_regclass(child) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', child, parent,
        first_day::text || ' 00:00:00+00', (first_day + interval '1 month')::date::text || ' 00:00:00+00');
EXCEPTION
    WHEN duplicate_table OR unique_violation THEN
        NULL; -- another writer has just made it
    WHEN invalid_object_definition THEN
        NULL; -- the month overlaps a partition that holds it already
END $$;

ALTER TABLE emotion_windows RENAME TO emotion_windows_before;
ALTER INDEX emotion_windows_pkey RENAME TO emotion_windows_before_pkey;
CREATE TABLE emotion_windows (LIKE emotion_windows_before INCLUDING DEFAULTS, PRIMARY KEY (session_id, start_at)) PARTITION BY RANGE (start_at);
CREATE INDEX emotion_windows_tenant ON emotion_windows (tenant, start_at, session_id COLLATE "C");

-- From nothing to the bound that the constraint names; both indexes of the old table are taken over as they are. A table without rows leaves nothing behind.
DO $$
DECLARE
    bound text := substring((SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'emotion_windows_before_bound' AND conrelid = 'emotion_windows_before'::regclass)
        FROM '''([^'']+)''');
BEGIN
    IF EXISTS (SELECT FROM emotion_windows_before) THEN
        EXECUTE format('ALTER TABLE emotion_windows ATTACH PARTITION emotion_windows_before FOR VALUES FROM (MINVALUE) TO (%L)', bound);
        ALTER TABLE emotion_windows_before DROP CONSTRAINT emotion_windows_before_bound;
        EXECUTE format('ALTER TABLE emotion_windows_before RENAME TO emotion_windows_before_%s', to_char(bound::timestamptz AT TIME ZONE 'UTC', 'YYYY_MM'));
    ELSE
        DROP TABLE emotion_windows_before;
    END IF;
END $$;
CREATE TABLE emotion_windows_other PARTITION OF emotion_windows DEFAULT;
