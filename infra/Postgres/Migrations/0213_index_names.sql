-- The seed's name; renaming an index blocks nobody.
ALTER INDEX answers_session RENAME TO idx_answers_session;
