-- What lies in the media store (docs/stores.md). The object is written before its row, and deleted before it: state 'deleting' says that it is on its way out.
CREATE TABLE media_objects (
    object_key    text        PRIMARY KEY,
    kind          text        NOT NULL,
    owner         text        NOT NULL, -- what it is sealed for
    tenant        text        NOT NULL,
    session_id    text        NOT NULL,
    candidate_id  text        NOT NULL,
    name          text        NOT NULL,
    content_type  text        NOT NULL,
    sha256        text        NOT NULL, -- of the plain content
    bytes         bigint      NOT NULL, -- of the plain content
    key_id        text        NOT NULL,
    created_at    timestamptz NOT NULL,
    delete_after  timestamptz NOT NULL,
    state         text        NOT NULL CHECK (state IN ('kept', 'deleting', 'missing')),
    seen_at       timestamptz NOT NULL  -- when a sweep last saw the object
);
CREATE INDEX media_objects_session ON media_objects (session_id, created_at);
CREATE INDEX media_objects_due ON media_objects (delete_after);
CREATE INDEX media_objects_deleting ON media_objects (object_key) WHERE state = 'deleting';
CREATE INDEX media_objects_unseen ON media_objects (seen_at) WHERE state = 'kept';
CREATE INDEX media_objects_candidate ON media_objects (tenant, candidate_id);
