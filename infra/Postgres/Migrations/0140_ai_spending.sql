-- What AI calls cost, by account: "session/ID", "tenant/NAME/2026-11", "month/2026-11". Budgets are shared by all processes and survive restarts.

CREATE TABLE ai_spending (
    account     text        PRIMARY KEY,
    usd         numeric     NOT NULL DEFAULT 0, -- spent, and reserved by calls under way
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX ai_spending_age ON ai_spending (updated_at);

-- Adds the amount to all accounts and returns 0, or adds nothing and returns the position of the first account that would pass its limit.
-- limits NULL: added whatever the limits. Rows are locked in one order, so that calls of the same tenant cannot deadlock.
CREATE FUNCTION take_ai_spending(accounts text[], limits numeric[], amount numeric) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    spent numeric;
BEGIN
    INSERT INTO ai_spending (account) SELECT a FROM unnest(accounts) AS a ORDER BY a ON CONFLICT DO NOTHING;
    PERFORM 1 FROM ai_spending WHERE account = ANY (accounts) ORDER BY account FOR UPDATE;
    IF limits IS NOT NULL THEN
        FOR i IN 1 .. array_length(accounts, 1) LOOP
            SELECT usd INTO spent FROM ai_spending WHERE account = accounts[i];
            IF spent + amount > limits[i] THEN
                RETURN i;
            END IF;
        END LOOP;
    END IF;
    UPDATE ai_spending SET usd = greatest(0, usd + amount), updated_at = now() WHERE account = ANY (accounts);
    RETURN 0;
END $$;
