-- How people ask for a clause, beside what the program carries. An accepted question
-- helps to find its clause and is answered from it; a rejected one takes back a
-- question that the program carries, or a proposal.

-- +goose Up
CREATE TABLE standard_questions (
    id           TEXT PRIMARY KEY,
    document_id  TEXT NOT NULL REFERENCES documents(id),
    ref          TEXT NOT NULL,
    question     TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('proposed', 'accepted', 'rejected')),
    origin       TEXT NOT NULL CHECK (origin IN ('curator', 'useful', 'expert')),
    times        INTEGER NOT NULL DEFAULT 1,
    proposed_by  TEXT NOT NULL,
    proposed_at  BIGINT NOT NULL,
    decided_by   TEXT NOT NULL DEFAULT '',
    decided_at   BIGINT NOT NULL DEFAULT 0,
    UNIQUE (document_id, ref, question)
);
CREATE INDEX standard_questions_by_state ON standard_questions (state, proposed_at);
CREATE INDEX standard_questions_by_person ON standard_questions (proposed_by);

-- Grows with every change that curators make.
ALTER TABLE knowledge_state ADD COLUMN curated BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE knowledge_state DROP COLUMN curated;
DROP TABLE standard_questions;
