-- Once a month has been archived, a writer that remembers it as made puts its late rows into the default partition; the month can then not be
-- made again beside them: they stay there (a restore moves them), and nobody's batch fails.
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
EXCEPTION WHEN duplicate_table OR unique_violation OR check_violation OR invalid_object_definition THEN
    NULL; -- another writer has just made it, rows of the month lie in the default partition, or in one that is longer than a month
END $$;
