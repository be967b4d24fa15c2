-- In which month a session lies. Whoever looks for sessions by their id would otherwise look into every month's partition: 84 of them after seven years.
-- Filled by a trigger: programs of before, still writing while instances are replaced one by one, fill it too. A time that changes nothing writes nothing.
CREATE TABLE session_index (
    session_id  text        NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (session_id) INCLUDE (created_at)
);

CREATE FUNCTION index_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO session_index AS known (session_id, created_at)
    SELECT session_id, max(created_at) FROM made GROUP BY session_id ORDER BY session_id
    ON CONFLICT (session_id) DO UPDATE SET created_at = excluded.created_at WHERE known.created_at < excluded.created_at;
    RETURN NULL;
END $$;

-- Rows that ON CONFLICT updates are none of "made".
CREATE TRIGGER interview_sessions_indexed AFTER INSERT ON interview_sessions REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION index_sessions();
