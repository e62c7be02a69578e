-- Policy documents: a document is a title, a version is one text of it, a clause is
-- the smallest unit that is cited. Dates are TEXT YYYY-MM-DD, '' when unknown.

-- +goose Up
CREATE TABLE documents (
    id          TEXT PRIMARY KEY,
    title       TEXT NOT NULL,
    title_key   TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    region      TEXT NOT NULL,
    level       TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE TABLE versions (
    id              TEXT PRIMARY KEY,
    document_id     TEXT NOT NULL REFERENCES documents(id),
    title           TEXT NOT NULL,
    label           TEXT NOT NULL,
    number          TEXT NOT NULL,
    issuer          TEXT NOT NULL,
    adopted         TEXT NOT NULL,
    published       TEXT NOT NULL,
    approved        TEXT NOT NULL,
    effective       TEXT NOT NULL,
    expires         TEXT NOT NULL,
    valid_from      TEXT NOT NULL DEFAULT '',
    valid_to        TEXT NOT NULL DEFAULT '',
    ended           TEXT NOT NULL DEFAULT '' CHECK (ended IN ('', 'superseded', 'replaced', 'repealed', 'expired')),
    ended_by        TEXT NOT NULL DEFAULT '',
    incomplete      INTEGER NOT NULL,
    incomplete_why  TEXT NOT NULL,
    source          TEXT NOT NULL,
    original        TEXT NOT NULL,
    sha256          TEXT NOT NULL UNIQUE,
    clause_count    INTEGER NOT NULL,
    imported_at     BIGINT NOT NULL,
    added           BIGINT NOT NULL,
    seq             BIGINT NOT NULL
);
CREATE INDEX versions_by_document ON versions (document_id, label);
CREATE INDEX versions_by_seq ON versions (seq);

CREATE TABLE clauses (
    id           TEXT PRIMARY KEY,
    version_id   TEXT NOT NULL REFERENCES versions(id),
    ordinal      INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    ref          TEXT NOT NULL,
    article      INTEGER NOT NULL,
    article_sub  INTEGER NOT NULL,
    path         TEXT NOT NULL,
    heading      TEXT NOT NULL,
    text         TEXT NOT NULL,
    quoted       INTEGER NOT NULL,
    UNIQUE (version_id, ordinal)
);

CREATE TABLE repeals (
    version_id  TEXT NOT NULL REFERENCES versions(id),
    title       TEXT NOT NULL,
    title_key   TEXT NOT NULL,
    number      TEXT NOT NULL,
    PRIMARY KEY (version_id, title_key, number)
);
CREATE INDEX repeals_by_title ON repeals (title_key);

-- One row. generation grows with every change of versions; a version's seq is the
-- generation of its last change, so an index asks for what is newer than it knows.
CREATE TABLE knowledge_state (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    generation  BIGINT NOT NULL
);
INSERT INTO knowledge_state (id, generation) VALUES (1, 0);

-- +goose Down
DROP TABLE knowledge_state;
DROP TABLE repeals;
DROP TABLE clauses;
DROP TABLE versions;
DROP TABLE documents;
