-- What members of staff are told in the console: a consultation is theirs, is nearly or
-- long due, or nobody could be found for it. The text of a consultation is never in it.

-- +goose Up
CREATE TABLE staff_notices (
    id               TEXT PRIMARY KEY,
    account_id       TEXT NOT NULL REFERENCES accounts(id),
    consultation_id  TEXT NOT NULL,               -- '' for what is about none
    kind             TEXT NOT NULL CHECK (kind IN ('assigned', 'warning', 'overdue', 'unrouted', 'calendar', 'word', 'review', 'decided', 'invited', 'claimed', 'poor')),
    cause            TEXT NOT NULL,               -- the same is said once to one account
    body             TEXT NOT NULL,
    at               BIGINT NOT NULL,
    seen_at          BIGINT NOT NULL DEFAULT 0,
    UNIQUE (account_id, cause)
);
CREATE INDEX staff_notices_by_account ON staff_notices (account_id, seen_at, at);

-- To whom an overdue consultation has been escalated since escalated_at.
ALTER TABLE consultations ADD COLUMN escalated_to TEXT NOT NULL DEFAULT '' CHECK (escalated_to IN ('', 'lead', 'administrators'));

-- +goose Down
ALTER TABLE consultations DROP COLUMN escalated_to;
DROP TABLE staff_notices;
