-- Questions that were not answered well: nobody found a clause, or the enterprise
-- tapped 没用. They are what the next labelled questions are made from.

-- +goose Up
CREATE TABLE gaps (
    id             TEXT PRIMARY KEY,
    inbound_id     TEXT NOT NULL UNIQUE,
    contact_id     TEXT NOT NULL REFERENCES contacts(id),
    kind           TEXT NOT NULL CHECK (kind IN ('useless', 'abstained')),
    question       TEXT NOT NULL,
    previous       TEXT NOT NULL,
    action         TEXT NOT NULL,
    probabilities  TEXT NOT NULL,
    candidates     TEXT NOT NULL,
    law_day        TEXT NOT NULL,
    at             BIGINT NOT NULL
);
CREATE INDEX gaps_by_contact ON gaps (contact_id);
CREATE INDEX gaps_by_time ON gaps (at);

-- +goose Down
DROP TABLE gaps;
