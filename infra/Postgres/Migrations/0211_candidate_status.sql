-- Where a candidate stands: the status of the newest session. Empty: not looked up yet (0214 does).
ALTER TABLE candidates ADD COLUMN status text NOT NULL DEFAULT '';
