-- runs: in batches
-- A batch is its own transaction: a writer of the same candidate waits for 500 rows, not for all. (By aggregate, not by ORDER BY ... LIMIT 1:
-- without statistics that would tempt the planner to walk the index by time.)
UPDATE candidates c SET status = coalesce(
    (SELECT (array_agg(s.status ORDER BY s.created_at DESC))[1] FROM interview_sessions s WHERE s.candidate_id = c.candidate_id AND s.tenant = c.tenant), 'none')
WHERE ctid = ANY (ARRAY(SELECT ctid FROM candidates WHERE status = '' LIMIT 500 FOR UPDATE SKIP LOCKED))
