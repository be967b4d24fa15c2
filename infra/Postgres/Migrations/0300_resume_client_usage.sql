-- Resumes that each client has sent within the last day, by minute: its quota outlives the gateway, and all gateways share it. "client" is a hash of its address.

CREATE TABLE resume_client_usage (
    client   text        NOT NULL,
    minute   timestamptz NOT NULL,
    resumes  integer     NOT NULL,
    PRIMARY KEY (client, minute)
);
CREATE INDEX resume_client_usage_age ON resume_client_usage (minute);

-- Counts the resumes and returns 0, or counts nothing and returns the milliseconds until they would fit. What was sent within a minute counts until an hour (a day)
-- after the end of it, so that no hour ever has more than per_hour. Requests of one client go one after another; of others they do not wait.
CREATE FUNCTION take_resume_quota(who text, amount integer, at timestamptz, per_hour integer, per_day integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    fits_at timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('resume-quota/' || who, 0));
    WITH used AS (
        SELECT minute, sum(resumes) OVER (ORDER BY minute DESC) AS since FROM resume_client_usage WHERE client = who AND minute > at - interval '1 day 1 minute'
    )
    SELECT greatest(
        max(minute) FILTER (WHERE minute > at - interval '1 hour 1 minute' AND since + amount > per_hour) + interval '1 hour 1 minute',
        max(minute) FILTER (WHERE since + amount > per_day) + interval '1 day 1 minute')
    INTO fits_at FROM used;
    IF fits_at IS NOT NULL THEN
        RETURN greatest(1, ceil(extract(epoch FROM fits_at - at) * 1000))::bigint;
    END IF;
    DELETE FROM resume_client_usage WHERE client = who AND minute <= at - interval '1 day 1 minute';
    INSERT INTO resume_client_usage AS u (client, minute, resumes) VALUES (who, date_trunc('minute', at), amount)
    ON CONFLICT (client, minute) DO UPDATE SET resumes = u.resumes + excluded.resumes;
    RETURN 0;
END $$;
