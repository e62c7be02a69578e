-- Questions with answers that experts propose as new entries of the knowledge
-- base. An accepted one is a document of its own (version_id).

-- +goose Up
CREATE TABLE entries (
    id           TEXT PRIMARY KEY,
    question     TEXT NOT NULL,
    answer       TEXT NOT NULL,
    sources      TEXT NOT NULL,             -- clauses it leans on, for people: 《…》第三条；…
    state        TEXT NOT NULL CHECK (state IN ('proposed', 'accepted', 'rejected')),
    proposed_by  TEXT NOT NULL,             -- Forget takes back what this person's question led to
    proposed_at  BIGINT NOT NULL,
    decided_by   TEXT NOT NULL DEFAULT '',
    decided_at   BIGINT NOT NULL DEFAULT 0,
    version_id   TEXT NOT NULL DEFAULT '',  -- of an accepted one
    UNIQUE (question, answer)
);
CREATE INDEX entries_by_state ON entries (state, proposed_at);
CREATE INDEX entries_by_person ON entries (proposed_by);

-- +goose Down
DROP TABLE entries;
