ALTER TABLE consents ADD COLUMN recording boolean NOT NULL DEFAULT false;
