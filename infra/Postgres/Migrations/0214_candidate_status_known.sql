-- runs: in batches
-- A batch is its own transaction: a writer of the same candidate waits for 1,000 rows, not for all.
UPDATE candidates c SET status = coalesce(
    (SELECT s.status FROM interview_sessions s WHERE s.candidate_id = c.candidate_id AND s.tenant = c.tenant ORDER BY s.created_at DESC LIMIT 1), 'none')
WHERE ctid IN (SELECT ctid FROM candidates WHERE status = '' LIMIT 1000 FOR UPDATE SKIP LOCKED)
